import { randomUUID } from 'node:crypto'
import { reportsOf, TABS, type Tab, type TabReport } from '@/app/(course)/_live/tabs-run'
import { TimeLine } from '@/app/(course)/_live/time-line'
import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls } from '@/app/(course)/_ui/form'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Notice, Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { begin } from './actions'
import { RunBoth } from './run-both'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { store } = await sessionStatus()
  const { run } = await searchParams

  if (session.id === null) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>Two tabs of a browser share one session. You have none yet.</Text>
        <Button>Save something first</Button>
      </form>
    )
  }

  const reports = typeof run === 'string' ? reportsOf(run) : []
  const survived = TABS.filter((tab) => session.get(`two-tabs.${tab}`) === String(run).slice(0, 8))
  const next = randomUUID()
  return (
    <>
      {reports.length === 1 && (
        <Notice>One of the two requests arrived. Press the other button within eight seconds.</Notice>
      )}
      {reports.length === 2 && (
        <>
          <Notice>{outcomeOf(reports, survived)}</Notice>
          <TimeLine reports={reports} store={store} />
        </>
      )}
      <Facts>
        {TABS.map((tab) => (
          <Fact key={tab} label={`The ${tab} tab’s key`} field={tab}>
            {session.get(`two-tabs.${tab}`, 'nothing')}
            {reports.length === 2 && (survived.includes(tab) ? ' (this run)' : ' (lost in this run)')}
          </Fact>
        ))}
      </Facts>
      <RunBoth key={next} run={next} />
      <Text>
        Each request reads the session and waits until the other request has read it too. Then it saves a key
        of its own. {store === 'cookie' ? COOKIE : SERVER}
      </Text>
      <Text>You can also do it by hand. Save from a new tab, and within eight seconds from this one.</Text>
      <Controls>
        {TABS.map((tab) => (
          <form
            key={tab}
            method="post"
            action="/api/two-tabs"
            encType="multipart/form-data"
            {...(tab === 'left' && { target: '_blank' })}
          >
            <input type="hidden" name="run" value={next} />
            <Button quiet name="tab" value={tab}>
              {tab === 'left' ? 'Save from a new tab' : 'Save from this tab'}
            </Button>
          </form>
        ))}
      </Controls>
    </>
  )
}

function outcomeOf([one, other]: readonly TabReport[], survived: readonly Tab[]): string {
  if (one && other && (one.end <= other.begin || other.end <= one.begin))
    return 'They did not overlap. One ended before the other started, so no change could be lost.'
  if (survived.length === 2) return 'Both saves survived. The second save was applied on top of the first.'
  return `Only the save of the ${survived[0] ?? 'last'} tab survived, because its response reached the browser last.`
}

const COOKIE =
  'With the cookie store, each response carries the whole session as that request saw it. The browser keeps the last response’s cookie.'
const SERVER =
  'The store compares versions before it writes (compare and swap). The second save is based on an old version, so the store rejects it. The library then loads the changed record, adds the second key to it and saves again.'
