import { inspect } from 'node:util'
import { getSession, sessionStatus } from '@/lib/session'
import { Fact, Facts } from './facts'
import { ThemeSwitch } from './theme/theme-switch'
import { UtcTime } from './utc-time'

const KEYS_SHOWN = 12

/** Shows this browser's session. It only reads, so a new visitor still gets no cookie. */
export async function SessionCard() {
  const session = await getSession<Record<string, unknown>>()
  const status = await sessionStatus()
  return (
    <section aria-label="This browser's session" className="card p-5 text-small">
      <h2 className="flex items-center gap-2.5 font-semibold text-base">
        <span
          aria-hidden="true"
          className={`size-2 rounded-full ${session.id === null ? 'border border-edge' : 'bg-accent'}`}
        />
        This browser’s session
      </h2>
      <p className="mt-0.5 mb-4 text-muted">{summary(session.id, session.isNew)}</p>
      <Facts>
        <Fact label="Public id" field="id">
          {session.id ?? 'none yet'}
        </Fact>
        <Fact label="Keys" field="keys">
          <Keys entries={[...session.entries()]} unsaved={session.changedKeys()} />
        </Fact>
        <Fact label="Created" field="created">
          <UtcTime date={session.createdAt} />
        </Fact>
        <Fact label="Last seen" field="last-seen">
          <UtcTime date={session.lastSeenAt} />
        </Fact>
        <Fact label="Expires" field="expires">
          <UtcTime date={session.expiresAt} />
        </Fact>
        <Fact label="Avoid touch" field="avoid-touch">
          {status.avoidTouch ? 'on for all sessions' : session.avoidTouch ? 'on' : 'off'}
        </Fact>
        <Fact label="Store" field="store">
          {status.store}
        </Fact>
        <Fact label="Cookie" field="bytes">
          <CookieSize bytes={status.cookieBytes} limitBytes={status.cookieLimitBytes} />
        </Fact>
      </Facts>
      <div className="tear mt-5 pt-4">
        <ThemeSwitch />
        <p className="mt-2 text-muted text-tiny">
          Your session stores your choice. Until you choose, the theme follows your system.
        </p>
      </div>
    </section>
  )
}

function summary(id: string | null, isNew: boolean): string {
  if (id === null) return 'None yet. Your first save starts one.'
  return isNew ? 'New: this request started it.' : 'Active.'
}

function Keys({ entries, unsaved }: { entries: [string, unknown][]; unsaved: string[] }) {
  if (entries.length === 0) return 'none'
  const hidden = entries.length - KEYS_SHOWN
  return (
    <ul className="flex flex-col gap-1">
      {entries.slice(0, KEYS_SHOWN).map(([key, value]) => (
        <li key={key}>
          <span className="text-muted">{readable(key)}</span> {preview(value)}
          {unsaved.includes(key) && <UnsavedBadge />}
        </li>
      ))}
      {hidden > 0 && <li className="text-muted">and {hidden} more</li>}
    </ul>
  )
}

function UnsavedBadge() {
  return (
    <span className="ml-2 rounded-sm bg-accent-soft px-1.5 py-0.5 font-medium font-sans text-accent text-tiny">
      unsaved
    </span>
  )
}

function CookieSize({ bytes, limitBytes }: { bytes: number; limitBytes: number }) {
  return (
    <>
      <meter
        aria-label="Size of the session cookie"
        min={0}
        max={limitBytes}
        value={bytes}
        className="mr-2 w-14 align-middle"
      />
      {bytes} of {limitBytes} bytes
    </>
  )
}

/** Quotes an empty key or one with spaces, so that it is visible. */
function readable(key: string): string {
  return /^[\w.-]+$/.test(key) ? key : JSON.stringify(key)
}

function preview(value: unknown): string {
  return inspect(value, {
    depth: 1,
    maxStringLength: 60,
    maxArrayLength: 5,
    breakLength: Number.POSITIVE_INFINITY,
  })
}
