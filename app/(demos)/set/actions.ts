'use server'

import { refresh } from 'next/cache'
import { getSession } from '@/lib/session'

/** There is no save, so no other request reads the new colour: the next one reads what this one loaded. */
export async function setColour(_previous: unknown, form: FormData) {
  const session = await getSession()
  const loaded = session.get('set.colour')
  session.set('set.colour', String(form.get('colour')))
  refresh() // renders the page in this same request, which sees the unsaved copy
  return { inThatRequest: session.get('set.colour'), onTheNext: loaded }
}
