import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Notice, Text } from '@/app/(course)/_ui/text'
import { UtcTime } from '@/app/(course)/_ui/utc-time'
import {
  getSession,
  type ListedSession,
  listSessions,
  SessionUnsupportedError,
  sessionStatus,
} from '@/lib/session'
import { sessionsAccess } from './access'
import { endAll, endOne, unlock } from './actions'

export const metadata: Metadata = { title: 'Live sessions', robots: { index: false } }

const MOST = 100

/** A table from `sm` up. On a phone, each row is a small list with labels before the values. */
const CELL = 'whitespace-nowrap py-2 pr-6 max-sm:col-start-1 max-sm:py-0.5 max-sm:before:text-muted'

/** Lists the live sessions, if the store can list them. Open in development, and in production with SESSION_ADMIN_TOKEN. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const access = await sessionsAccess()
  if (access === 'closed') notFound()
  const { error } = await searchParams
  const theme = (await getSession()).get('site.theme') ?? 'system'
  return (
    <div data-theme={theme} className="flex max-w-4xl flex-col gap-8">
      <h1 className="text-balance text-title">Live sessions</h1>
      {access === 'open' ? <Sessions /> : <Unlock isWrong={error === 'token'} />}
    </div>
  )
}

function Unlock({ isWrong }: { isWrong: boolean }) {
  return (
    <form action={unlock} className="flex flex-col gap-6">
      {isWrong && <Notice alert>That is not the token.</Notice>}
      <Controls>
        <Field label="SESSION_ADMIN_TOKEN" name="token" type="password" />
        <Button>Open</Button>
      </Controls>
    </form>
  )
}

async function Sessions() {
  const own = (await getSession()).id
  const { store, idleSeconds } = await sessionStatus()
  const sessions = await listSessions(MOST).catch((error) => {
    if (error instanceof SessionUnsupportedError) return error
    throw error
  })
  if (sessions instanceof SessionUnsupportedError) {
    return (
      <>
        <Notice>{sessions.message}</Notice>
        {store === 'cookie' && (
          <Text>
            The cookie store keeps nothing on the server, so the server can neither list sessions nor end one
            of them. To end all of them, set <code>SESSION_EPOCH</code> to the current time and restart.
          </Text>
        )}
      </>
    )
  }
  return (
    <>
      <Text>
        {sessions.length === MOST ? `${MOST} of the sessions` : `${sessions.length} in all`} in the store{' '}
        <code>{store}</code>. This page shows neither tokens nor data.
      </Text>
      {sessions.length > 0 && <Table sessions={sessions} own={own} idleMs={idleSeconds * 1000} />}
    </>
  )
}

function Table({
  sessions,
  own,
  idleMs,
}: {
  sessions: readonly ListedSession[]
  own: string | null
  idleMs: number
}) {
  const now = Date.now()
  const latestFirst = sessions
    .map((session) => ({
      ...session,
      lastSeenAt: Math.max(session.savedAt, Math.min(session.expiresAt - idleMs, now)),
    }))
    .sort((one, other) => other.lastSeenAt - one.lastSeenAt)
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need to reach what scrolls */}
      <section aria-label="Sessions" tabIndex={0} className="overflow-x-auto">
        <table className="w-full text-left text-small">
          <thead className="text-muted max-sm:sr-only">
            <tr>
              {['Public id', 'Created', 'Last seen', 'Bytes', 'End'].map((title) => (
                <th key={title} scope="col" className="py-2 pr-6 font-normal">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-line border-y">
            {latestFirst.map((session) => (
              <Row key={session.name} session={session} own={own} />
            ))}
          </tbody>
        </table>
      </section>
      <details>
        <summary className="w-fit cursor-pointer py-2 font-medium text-small">End all sessions</summary>
        <form action={endAll} className="flex flex-col items-start gap-4 py-2">
          <Text>
            This deletes the session of every visitor, including yours. You cannot undo it. Everyone who is
            signed in has to sign in again.
          </Text>
          <Button>End them for everyone</Button>
        </form>
      </details>
    </>
  )
}

function Row({
  session: { name, publicId, createdAt, lastSeenAt, bytes },
  own,
}: {
  session: ListedSession & { lastSeenAt: number }
  own: string | null
}) {
  return (
    <tr className="font-mono max-sm:grid max-sm:grid-cols-[minmax(0,1fr)_auto] max-sm:py-2">
      <th scope="row" className={`${CELL} font-medium`}>
        {publicId}
        {own !== null && publicId === own && ' (yours)'}
      </th>
      <td className={`${CELL} max-sm:before:content-['Created_']`}>
        <UtcTime date={new Date(createdAt)} />
      </td>
      <td className={`${CELL} max-sm:before:content-['Seen_']`}>
        <UtcTime date={new Date(lastSeenAt)} />
      </td>
      <td className={`${CELL} tabular-nums max-sm:before:content-['Bytes_']`}>{bytes}</td>
      <td className="py-2 max-sm:col-start-2 max-sm:row-span-4 max-sm:row-start-1 max-sm:self-center">
        <form action={endOne}>
          <Button quiet name="name" value={name} aria-label={`End ${publicId ?? name}`}>
            End
          </Button>
        </form>
      </td>
    </tr>
  )
}
