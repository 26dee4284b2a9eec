import { UtcTime } from '@/app/_ui/utc-time'
import { type Exchange, sessionExchange, sessionStatus } from '@/lib/session'
import { ExchangeAccount } from './exchange-account'

/** The exchanges behind this page, from the records of the requests themselves. Nothing where SESSION_TRACE is off. */
export async function WhatJustHappened() {
  const exchange = await sessionExchange()
  if (!exchange) return null
  const { action, visit } = exchange
  const { store } = await sessionStatus()
  return (
    <section aria-label="What just happened" className="card p-5 text-small sm:px-7">
      <h2 className="font-semibold text-base">What just happened</h2>
      <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-6 sm:auto-cols-fr sm:grid-flow-col sm:grid-cols-none">
        {action && <Account title="The last action" exchange={action} store={store} />}
        {visit && <Account title={action ? 'Then this page' : 'This page'} exchange={visit} store={store} />}
      </div>
    </section>
  )
}

function Account({ title, exchange, store }: { title: string; exchange: Exchange; store: string }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-3 flex flex-wrap justify-between gap-x-4 border-line border-b pb-1.5 font-medium">
        {title}
        <span className="font-mono font-normal text-muted text-tiny leading-6">
          <UtcTime date={new Date(exchange.at)} />
        </span>
      </h3>
      <ExchangeAccount exchange={exchange} store={store} />
    </section>
  )
}
