import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { connection } from 'next/server'
import { Button, Controls, Field } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Notice, Text } from '@/app/_ui/text'
import { UtcTime } from '@/app/_ui/utc-time'
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

/** Every live session of a store that can tell: in development, or for whoever has SESSION_ADMIN_TOKEN. */
export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  await connection()
  const access = await sessionsAccess()
  if (access === 'closed') notFound()
  const { error } = await searchParams
  return (
    <div className="flex max-w-4xl flex-col gap-8">
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
            The cookie store keeps nothing on the server, so nobody can see or end one session. To end all of
            them, set <code>SESSION_EPOCH</code> to the present time and restart.
          </Text>
        )}
      </>
    )
  }
  return (
    <>
      <Text>
        {sessions.length === MOST ? `${MOST} of the sessions` : `${sessions.length} in all`}, in the store{' '}
        <code>{store}</code>. Neither tokens nor data are shown.
      </Text>
      <div className="overflow-x-auto">
        <table className="w-full text-left text-small">
          <thead className="text-muted">
            <tr>
              {['Tag', 'Began', 'Last seen', 'Bytes', 'End'].map((title) => (
                <th key={title} scope="col" className="py-2 pr-6 font-normal">
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line border-line border-y">
            {sessions.map((session) => (
              <Row
                key={session.key}
                session={session}
                isOwn={session.tag === own}
                idleMs={idleSeconds * 1000}
              />
            ))}
          </tbody>
        </table>
      </div>
      <form action={endAll}>
        <Button quiet>End all sessions</Button>
      </form>
    </>
  )
}

function Row({ session, isOwn, idleMs }: { session: ListedSession; isOwn: boolean; idleMs: number }) {
  const { key, tag, createdAt, savedAt, expiresAt, bytes } = session
  const lastSeenAt = Math.max(savedAt, Math.min(expiresAt - idleMs, Date.now()))
  return (
    <tr className="font-mono">
      <th scope="row" className="whitespace-nowrap py-2 pr-6 font-medium">
        {tag ?? 'not kept'}
        {isOwn && ' (yours)'}
      </th>
      <td className="whitespace-nowrap py-2 pr-6">
        <UtcTime date={new Date(createdAt)} />
      </td>
      <td className="whitespace-nowrap py-2 pr-6">
        <UtcTime date={new Date(lastSeenAt)} />
      </td>
      <td className="py-2 pr-6 tabular-nums">{bytes}</td>
      <td className="py-2">
        <form action={endOne}>
          <Button quiet name="key" value={key} aria-label={`End ${tag ?? key}`}>
            End
          </Button>
        </form>
      </td>
    </tr>
  )
}
