import { getSession } from '@/lib/session'
import { parseFields, RequestError, readBody } from '../_shared/body'
import { write } from '../_shared/guards'
import { json } from '../_shared/responses'
import { sessionView } from '../_shared/session-view'

/** On a new session the choice waits for the first save, and this request makes none. */
export const POST = write(async (request) => {
  const { value } = parseFields(await readBody(request), ['value'])
  if (typeof value !== 'boolean') throw new RequestError('"value" must be true or false')
  const session = await getSession<Record<string, unknown>>()
  const outcome = await session.setAvoidTouch(value)
  return json({ ...(await sessionView(session)), outcome })
})
