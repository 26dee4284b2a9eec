import type { cookies } from 'next/headers'
import type { CookieJar, CookieSettings } from '../core/cookies'
import { type ReadOnlyPlace, SessionReadOnlyError } from '../core/errors'
import { hasBegun, isClientGone, isOver, type NodeResponse } from '../response'
import { cookieValues } from './cookie-header'
import { expiredVariants } from './cookie-variants'
import { askedHost } from './lost-cookies'

type CookieStore = Awaited<ReturnType<typeof cookies>>

export interface RequestJar extends CookieJar {
  isWritable(): boolean
  /** What the browser sent as its session cookie. */
  readonly tokens: readonly string[]
  /** The last value of each cookie that was set. */
  readonly sent: ReadonlyMap<string, string>
}

/** The cookies of a page, a Server Action or a Route Handler. */
export function requestJar(
  cookieStore: CookieStore,
  request: Headers,
  response: NodeResponse | undefined,
  settings: CookieSettings,
): RequestJar {
  const variants = new Map<string, string[]>()
  const sent = new Map<string, string>()
  const tokens = cookieValues(request.get('cookie'), settings.name)
  const wasWritable = refusalOf(cookieStore) === undefined

  function findRefusal(late: boolean): SessionReadOnlyError | undefined {
    const cause = refusalOf(cookieStore)
    // A client that went away before the response began is no reason: a save under its own token is kept.
    if (cause === undefined && !hasBegun(response)) return undefined
    return new SessionReadOnlyError(refusedPlace(cause === undefined), {
      late,
      ...(cause !== undefined && { cause }),
    })
  }

  function refusedPlace(isAllowedByNext: boolean): ReadOnlyPlace {
    if (isOver(response)) return 'response-sent'
    if (isAllowedByNext) return 'response-begun'
    if (wasWritable) return 'action-returned'
    return response === undefined ? 'render-or-after' : 'render'
  }

  function assertWritable(late = false): void {
    const refusal = findRefusal(late)
    if (refusal) throw refusal
  }

  return {
    tokens,
    sent,
    getAll(name) {
      const sentValues = cookieValues(request.get('cookie'), name)
      const current = cookieStore.get(name)?.value
      // Next keeps the last one of a name: another one was set in this request, by whatever part of the app.
      if (current !== sentValues.at(-1)) return current === undefined ? [] : [current]
      return sentValues
    },
    set(name, value, attributes) {
      assertWritable(true)
      const isNew = name === settings.name && value !== '' && !tokens.includes(value)
      if (isNew && isClientGone(response)) throw new SessionReadOnlyError('client-gone', { late: true })
      cookieStore.set(name, value, attributes)
      sent.set(name, value)
    },
    expireVariants(name, scope) {
      assertWritable(true)
      const places = variants.get(name) ?? []
      variants.set(name, places)
      for (const attributes of expiredVariants(settings, placeOf(request), scope)) {
        // Next sends one cookie of a name. To a browser the spaces are no part of it (RFC 6265, section 5.2).
        const place = `${attributes.domain};${attributes.path}`
        if (!places.includes(place)) places.push(place)
        cookieStore.set(`${name}${' '.repeat(places.indexOf(place) + 1)}`, '', attributes)
      }
    },
    assertWritable: () => assertWritable(),
    isWritable: () => findRefusal(false) === undefined,
  }
}

/** Next shows it only by an error of `set`: this sets a cookie whose name cannot be read, so that none is ever set. */
function refusalOf(cookieStore: CookieStore): unknown {
  const asked = new Error('asked')
  const probe = {
    value: '',
    get name(): string {
      throw asked
    },
  }
  try {
    cookieStore.set(probe)
    return undefined
  } catch (error) {
    return error === asked ? undefined : error
  }
}

/** The page that the browser shows, by the Referer of a form or a fetch; the page of another site does not count. */
function placeOf(request: Headers) {
  const host = askedHost(request)
  const referer = URL.parse(request.get('referer') ?? '')
  return {
    host: URL.parse(`http://${host}`)?.hostname,
    path: referer?.host === host ? referer.pathname : undefined,
  }
}
