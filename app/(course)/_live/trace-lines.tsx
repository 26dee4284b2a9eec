import type { ReactNode } from 'react'
import type { RequestTrace, SentCookie, SessionEvent, StoreStep } from '@/lib/session'

/** The trace of one request: which session methods the page called, what the store did, which cookies were sent. */
export function TraceLines({ trace, store }: { trace: RequestTrace; store: string }) {
  const { operations, steps, moreSteps, cookies, events } = trace
  return (
    <dl className="flex flex-col gap-4">
      {operations.length > 0 && (
        <Part title="The page called">
          {operations.map(({ name, outcome }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a past request keep their order
            <li key={index}>
              {name}() <Answer>{outcome}</Answer>
            </li>
          ))}
        </Part>
      )}
      <Part title="The store did">
        {steps.length === 0 && <li className="text-muted">nothing</li>}
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a past request keep their order
          <Step key={index} step={step} store={store} />
        ))}
        {moreSteps > 0 && <li className="text-muted">and {moreSteps} more</li>}
      </Part>
      <Part title="Set-Cookie">
        {cookies.length === 0 && <li className="text-muted">none</li>}
        {cookies.map((cookie) => (
          <Cookie key={cookie.name} {...cookie} />
        ))}
      </Part>
      {events.length > 0 && (
        <Part title="Reported">
          {events.map((event, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a past request keep their order
            <li key={index}>{inWords(event)}</li>
          ))}
        </Part>
      )}
    </dl>
  )
}

/** The event and its details, such as "refused forged". */
export function inWords({ event, ...details }: SessionEvent): string {
  return [event, ...Object.values(details)].map(String).join(' ')
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-muted text-small">{title}</dt>
      <dd className="mt-1 font-mono text-tiny [overflow-wrap:anywhere]">
        <ul className="flex flex-col gap-1.5">{children}</ul>
      </dd>
    </div>
  )
}

function Answer({ children }: { children: ReactNode }) {
  return (
    <>
      <span aria-hidden="true" className="text-muted">
        →
      </span>{' '}
      <span className="font-semibold text-accent">{children}</span>
    </>
  )
}

/**
 * Names a call as the store performs it. The cookie store keeps nothing on the server, so its update compares nothing and
 * its destroy has nothing to delete.
 */
export function stepInWords({ call, answer }: StoreStep, store: string): [call: string, answer: string] {
  if (call === 'update') return [store === 'cookie' ? 'replace' : 'compare and swap', answer]
  if (call === 'destroy' && answer === 'removed' && store === 'cookie') return [call, 'nothing to remove']
  return [call, answer]
}

function Step({ step, store }: { step: StoreStep; store: string }) {
  const [call, answer] = stepInWords(step, store)
  return (
    <li className="flex flex-wrap justify-between gap-x-4">
      <span>
        {call} <Answer>{answer}</Answer>
      </span>
      <span className="text-muted tabular-nums">{step.ms.toFixed(2)} ms</span>
    </li>
  )
}

function Cookie({ name, start, bytes, attributes }: SentCookie) {
  return (
    <li>
      <span className="font-semibold">{name}</span>={start === '' ? '' : `${start}…`}
      <span className="text-muted">
        ; {attributesInWords(attributes)} ({bytes} bytes)
      </span>
    </li>
  )
}

/** The attributes as the Set-Cookie header writes them. */
function attributesInWords({
  path,
  domain,
  maxAge,
  secure,
  httpOnly,
  sameSite,
}: SentCookie['attributes']): string {
  const words = [
    `Path=${path}`,
    domain !== undefined && `Domain=${domain}`,
    maxAge !== undefined && `Max-Age=${maxAge}`,
    secure && 'Secure',
    httpOnly && 'HttpOnly',
    `SameSite=${sameSite}`,
  ]
  return words.filter(Boolean).join('; ')
}
