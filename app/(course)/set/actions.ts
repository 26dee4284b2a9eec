'use server'

import { refresh } from 'next/cache'
import { getSession } from '@/lib/session'

/** Without a save, no other request reads the new colour. The next request reads what this one loaded. */
export async function setColour(_previous: unknown, form: FormData) {
  const session = await getSession()
  const loaded = session.get('set.colour')
  session.set('set.colour', String(form.get('colour')))
  refresh() // renders the page in this same request, so it shows the unsaved copy
  return { inThatRequest: session.get('set.colour'), onTheNext: loaded }
}
