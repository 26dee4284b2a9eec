import type { ReactNode } from 'react'
import { Text } from '@/app/(course)/_ui/text'
import { UtcTime } from '@/app/(course)/_ui/utc-time'
import { type RequestTrace, sessionStatus, sessionTrace } from '@/lib/session'
import { TraceLines } from './trace-lines'

/** The traces of this page's request and of the action before it; without SESSION_TRACE, how to turn tracing on. */
export async function WhatJustHappened() {
  const trace = await sessionTrace()
  if (!trace) {
    return (
      <Frame>
        <Text>
          This server does not trace its requests. Start it with <code>SESSION_TRACE=true</code> to see here
          which cookies it sent, what the store did, and how long that took.
        </Text>
      </Frame>
    )
  }
  const { action, visit } = trace
  const { store } = await sessionStatus()
  return (
    <Frame>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-6 sm:auto-cols-fr sm:grid-flow-col sm:grid-cols-none">
        {action && <Trace title="The last action" trace={action} store={store} />}
        {visit && <Trace title={action ? 'Then this page' : 'This page'} trace={visit} store={store} />}
      </div>
    </Frame>
  )
}

function Frame({ children }: { children: ReactNode }) {
  return (
    <section aria-label="What just happened" className="card p-5 text-small sm:px-7">
      <h2 className="mb-4 font-semibold text-base">What just happened</h2>
      {children}
    </section>
  )
}

function Trace({ title, trace, store }: { title: string; trace: RequestTrace; store: string }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-3 flex flex-wrap justify-between gap-x-4 border-line border-b pb-1.5 font-medium">
        {title}
        <span className="font-mono font-normal text-muted text-tiny leading-6">
          <UtcTime date={new Date(trace.at)} />
        </span>
      </h3>
      <TraceLines trace={trace} store={store} />
    </section>
  )
}
