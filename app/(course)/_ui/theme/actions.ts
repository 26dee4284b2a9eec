'use server'

import { getSession } from '@/lib/session'

/** Stores the choice in the visitor's session. "System" removes the choice, so it starts no session. */
export async function setTheme(form: FormData) {
  const session = await getSession()
  const theme = form.get('theme')
  if (theme === 'light' || theme === 'dark') session.set('site.theme', theme)
  else if (!session.delete('site.theme')) return
  await session.save()
}
