import { getSession } from '@/lib/session'
import { write } from '../_shared/guards'
import { json } from '../_shared/responses'
import { sessionView } from '../_shared/session-view'

export const POST = write(async () => {
  const session = await getSession<Record<string, unknown>>()
  const outcome = await session.regenerate()
  return json({ ...(await sessionView(session)), outcome })
})
