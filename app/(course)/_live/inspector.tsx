import Link from 'next/link'
import { getSession, type RequestTrace, sessionStatus, sessionTrace } from '@/lib/session'
import { Fact, Facts } from '../_ui/facts'
import { UtcTime } from '../_ui/utc-time'
import { inWords } from './trace-lines'

/**
 * Shows developers the session behind a lesson. Only `layout.tsx` imports it, and only in development. A test checks that a
 * production build does not contain it.
 */
export async function Inspector() {
  return (
    <details className="fixed right-3 bottom-3 z-20 max-h-[80dvh] w-[min(24rem,calc(100vw-1.5rem))] overflow-y-auto rounded-lg border border-edge bg-raised text-small">
      <summary className="cursor-pointer px-4 py-2.5 font-medium">Session inspector</summary>
      <section aria-label="Session inspector" className="px-4 pb-4">
        <p className="mb-3 text-muted">
          Only the development server shows this panel and the list of{' '}
          <Link href="/sessions" prefetch={false} className="prose-link">
            all live sessions
          </Link>
          .
        </p>
        <Content />
      </section>
    </details>
  )
}

async function Content() {
  // When the store is down, the page reports it. An error here would replace the whole layout.
  const session = await getSession<Record<string, unknown>>().catch(() => undefined)
  if (!session) return <p>The session could not be read, because the store did not respond.</p>
  const status = await sessionStatus()
  const unsaved = session.changedKeys()
  return (
    <Facts>
      <Fact label="Public id" field="inspector-id">
        {session.id ?? 'none yet'}
      </Fact>
      <Fact label="Store" field="inspector-store">
        {status.store}
      </Fact>
      <Fact label="Key id" field="inspector-key-id">
        {status.keyId}
      </Fact>
      <Fact label="Keys" field="inspector-keys">
        {session.size === 0 && unsaved.length === 0 && 'none'}
        <ul>
          {session.keys().map((key) => (
            <li key={key}>
              {key}{' '}
              <span className="text-muted">{`${typeOf(session.get(key))}, ${session.bytesOf(key)} B`}</span>
              {unsaved.includes(key) && ' unsaved'}
            </li>
          ))}
          {unsaved
            .filter((key) => !session.has(key))
            .map((key) => (
              <li key={key}>
                {key} <span className="text-muted">removed</span> unsaved
              </li>
            ))}
        </ul>
      </Fact>
      <Fact label="Created" field="inspector-created">
        <UtcTime date={session.createdAt} />
      </Fact>
      <Fact label="Expires" field="inspector-expires">
        <UtcTime date={session.expiresAt} />
      </Fact>
      <Fact label="Limits" field="inspector-limits">
        {status.idleSeconds} s idle, {status.absoluteSeconds} s absolute
      </Fact>
      <Fact label="Touch window" field="inspector-touch">
        {session.avoidTouch ? 'off: visits do not extend this session' : `${status.touchSeconds} s`}
      </Fact>
      <Fact label="Cookie" field="inspector-cookie">
        {status.cookieName}, {status.cookieBytes} of {status.cookieLimitBytes} bytes
      </Fact>
      <Fact label="Events" field="inspector-events">
        <Events />
      </Fact>
    </Facts>
  )
}

/** The events of this request and of the action before it. */
async function Events() {
  const { action, visit } = (await sessionTrace()) ?? {}
  const events = [action, visit].flatMap((trace: RequestTrace | undefined) => trace?.events ?? [])
  if (events.length === 0) return 'none'
  return (
    <ul>
      {events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the events of a past request keep their order
        <li key={index}>{inWords(event)}</li>
      ))}
    </ul>
  )
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value
}
