import { randomUUID } from 'node:crypto'
import { reportsOf, TABS, type Tab, type TabReport } from '@/app/_live/tabs-run'
import { TimeLine } from '@/app/_live/time-line'
import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Notice, Text } from '@/app/_ui/text'
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
        <Text>Two tabs share one session, so there has to be one.</Text>
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
        <Notice>One of the two came. Press the other one within eight seconds.</Notice>
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
        Each request reads the session, waits until the other one has read it too, and then saves a key of its
        own. {store === 'cookie' ? COOKIE : SERVER}
      </Text>
      <Text>Or do it by hand: save from a new tab, and within eight seconds from this one.</Text>
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
    return 'They did not overlap: one had ended before the other began, and so there was nothing to lose.'
  if (survived.length === 2) return 'Both saves survived: the second one was made on top of the first.'
  return `Only the save of the ${survived[0] ?? 'last'} tab survived: its answer reached the browser last.`
}

const COOKIE =
  'With the cookie store each answer brings the whole session as that request knew it, and the browser keeps the last one.'
const SERVER =
  'The second save reads the record again, which has changed meanwhile, and adds its key to that. The store compares before it swaps: a save that overlooked another one is refused and tried again.'
