'use server'

import { getSession } from '@/lib/session'

/** Keeps the choice in the visitor's session. "System" is the absence of one, so it begins no session. */
export async function setTheme(form: FormData) {
  const session = await getSession()
  const theme = form.get('theme')
  if (theme === 'light' || theme === 'dark') session.set('site.theme', theme)
  else if (!session.delete('site.theme')) return
  await session.save()
}
