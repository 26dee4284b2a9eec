import { destroyAllSessions, getSession } from '@/lib/session'
import { readBody } from './_shared/body'
import { mayDestroyAll, read, write } from './_shared/guards'
import { applyPatch, parsePatch } from './_shared/patch'
import { json, noContent, problem } from './_shared/responses'
import { sessionView } from './_shared/session-view'

export const GET = read(async () => {
  const session = await getSession<Record<string, unknown>>()
  return json(await sessionView(session))
})

export const PATCH = write(async (request) => {
  const patch = parsePatch(await readBody(request))
  const session = await getSession<Record<string, unknown>>()
  applyPatch(session, patch)
  const outcome = patch.save ? await session.save() : 'not-saved'
  return json({ ...(await sessionView(session)), outcome })
})

export const DELETE = write(async (request) => {
  const scope = new URL(request.url).searchParams.get('scope')
  if (scope === null) {
    const session = await getSession()
    await session.destroy()
    return noContent()
  }
  if (scope !== 'all') return problem(400, 'scope must be "all", or absent for this session alone')
  if (!(await mayDestroyAll(request)))
    return problem(403, 'scope=all needs the bearer token SESSION_ADMIN_TOKEN')
  await destroyAllSessions()
  return noContent()
})
