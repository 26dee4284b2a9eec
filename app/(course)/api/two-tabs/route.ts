import { meet, report, TABS, type Tab } from '@/app/(course)/_live/tabs-run'
import { getSession, sessionTrace } from '@/lib/session'
import { isSameOrigin } from '../session/_shared/guards'
import { problem, responseTo } from '../session/_shared/responses'

/** One of two requests that overlap: each reads the session, waits for the other, and then saves a key of its own. */
export async function POST(request: Request): Promise<Response> {
  if (!isSameOrigin(request.headers)) return problem(403, 'writes from another origin are refused')
  const form = await request.formData().catch(() => undefined) // another content type, or cut short
  const [tab, run] = [form?.get('tab'), form?.get('run')]
  if (!isTab(tab) || !isRun(run)) return problem(400, '"tab" must be left or right, "run" the id of the page')

  try {
    await saveAs(tab, run)
  } catch (error) {
    const response = responseTo(error)
    if (response === undefined) throw error
    return response
  }
  return new Response(null, { status: 303, headers: { Location: `/two-tabs?run=${run}` } })
}

async function saveAs(tab: Tab, run: string): Promise<void> {
  const begin = performance.now()
  const session = await getSession()
  await meet(run, tab)
  session.set(`two-tabs.${tab}`, run.slice(0, 8))
  const outcome = await session.save()
  const end = performance.now()
  const trace = (await sessionTrace())?.action
  await report(run, { tab, begin, end, outcome, trace })
}

function isTab(value: unknown): value is Tab {
  return TABS.some((tab) => tab === value)
}

function isRun(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value)
}
