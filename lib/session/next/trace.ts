import { cookies, headers } from 'next/headers'
import { getSite, tracing } from '../site'
import type { RequestTrace } from '../tracing'
import { isFollowedByPage, openOnce } from './request'

/** Carries the trace of the proxy to the page of the same request. */
export const TRACE_HEADER = 'x-session-trace'

/**
 * What just happened, for a page or a Route Handler. `action` is the form or Server Action before this page, of the last
 * minute; `visit` is this request so far, the proxy's part first. In a Server Action, and in a Route Handler that a form
 * was sent to as `multipart/form-data`, `action` is this request so far, and `visit` is absent. Undefined unless
 * SESSION_TRACE is on. @throws {SessionStoreError} as `getSession` does
 */
export async function sessionTrace(): Promise<{ action?: RequestTrace; visit?: RequestTrace } | undefined> {
  const own = (await openOnce()).watched.trace()
  if (!own) return undefined
  const request = await headers()
  if (isFollowedByPage(request)) return { action: own } // the page is rendered in the action's own request
  const { config, keyring } = getSite()
  const sent = await cookies()
  const token = sent.get(config.cookie.name)?.value
  const now = Date.now()
  const actionText = sent.get(tracing.cookieName(config.cookie))?.value
  const action = tracing.read(actionText, keyring, { purpose: 'action', token, now })
  const touch = tracing.read(request.get(TRACE_HEADER), keyring, { purpose: 'visit', token, now })
  const visit = touch
    ? { ...touch, steps: [...touch.steps, ...own.steps], events: [...touch.events, ...own.events] }
    : own
  return { ...(action && { action }), visit }
}
