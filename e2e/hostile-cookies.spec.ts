import { randomInt } from 'node:crypto'
import { Agent } from 'node:http'
import fc from 'fast-check'
import type { Store } from '@/scripts/stores.mjs'
import { SESSION_COOKIE, TOUCH_COOKIE, TRACE_COOKIE } from './cookie-names'
import { expect, test } from './fixtures'
import {
  type CookieValues,
  type HostileRequest,
  hostileRequests,
  isUnsendable,
  sessionCandidates,
  textOf,
} from './hostile-header'
import { HttpVisitor, type SessionView } from './http-visitor'
import { type RawResponse, sendRaw, statusOfUnsendable } from './raw'
import type { Server } from './server'
import { serverEnvironment } from './server-environment'

// Cookie headers that no browser would send, made up by fast-check: `npm test` sends some, `npm run test:long` many. A
// failure names its seed; `npm run test:long -- --seed <seed>` begins with the same requests.

const REQUESTS = Number(process.env.E2E_HOSTILE_REQUESTS || 240)
const SEED = Number(process.env.E2E_HOSTILE_SEED || randomInt(2 ** 31))

const BATCH = 40
/** Then visitors are made anew: the account of a request is shown for a minute only. */
const BATCHES_OF_ONE_WORLD = 250
/** Past a session's idle hour. */
const PAST_IDLE = { seconds: 3601 }

// Each visit is touched: the proxy writes every Cookie header anew that brings a session and its touch.
test.use({ serverEnv: { SESSION_TOUCH_SECONDS: '0' } })

/** A visitor whose cookies an attacker has, or had. */
interface Victim extends CookieValues {
  what: string
  id: string
  /** Kept in the session, and in no other. */
  note: string
  /** Whether its session cookie opens its session. `perhaps`: a sealed cookie that was ended, see SECURITY.md. */
  opens: 'always' | 'perhaps' | 'never'
}

const VICTIMS = 9
const agent = new Agent({ keepAlive: true, maxSockets: 16 })

test.afterAll(() => agent.destroy())

test('whatever the Cookie header holds, a request reads and saves the session whose good token is first in it', async ({
  server,
  store,
  startAnother,
}) => {
  test.setTimeout(120_000 + REQUESTS * 60)
  const otherApp = await startAnother(samePlaces(server, store))
  const kinds = fc.oneof(
    { weight: 14, arbitrary: fc.constant('read' as const) },
    { weight: 3, arbitrary: fc.constant('save' as const) },
    { weight: 3, arbitrary: fc.constantFrom('account page' as const, 'note page' as const) },
    { weight: 1, arbitrary: fc.constant('action' as const) },
  )
  const batches = fc.array(hostileRequests(kinds, VICTIMS), { minLength: 1, maxLength: BATCH, size: 'max' })
  let sent = 0
  let sendingMs = 0
  for (let seed = SEED; sent < REQUESTS; seed++) {
    const victims = await makeVictims(server, otherApp, store)
    const start = performance.now()
    const property = fc.asyncProperty(batches, async (batch) => {
      sent += batch.length
      await expectNoFault(batch.map((request) => faultOf(server, request, victims)))
    })
    const numRuns = Math.min(BATCHES_OF_ONE_WORLD, Math.ceil((2 * (REQUESTS - sent)) / BATCH))
    await fc.assert(property, { seed, numRuns })
    sendingMs += performance.now() - start
    await expectUnharmed(server, victims)
  }
  const rate = Math.round(sent / (sendingMs / 1000))
  console.log(`${store}: ${sent} Cookie headers in ${Math.round(sendingMs / 1000)} s, ${rate} a second`)
})

test('whatever the Cookie header holds, a request ends only sessions whose good tokens are in it, and replaces only the first', async ({
  server,
  store,
}) => {
  test.setTimeout(120_000 + REQUESTS * 60)
  const kinds = fc.constantFrom('destroy', 'regenerate', 'touch', 'avoid touch')
  const property = fc.asyncProperty(hostileRequests(kinds, 3), async (request) => {
    const victims = await Promise.all(
      ['one', 'another', 'a third'].map(async (what) => victimOf(what, await makeVisitor(server), 'always')),
    )
    await expectNoFault([faultOf(server, request, victims)])
    const header = textOf(request.header, victims)
    const { victims: right, mayBeEmpty } = expectedOf(header, victims)
    const sent = isUnsendable(header) ? [] : sessionCandidates(header)
    for (const victim of victims) {
      const isFirst = victim === right[0]
      const { id, data } = await peek(server, victim)
      const isKept = id === victim.id && data.note === victim.note
      // A sign-out leaves nothing signed in that the browser brought.
      const mayEnd =
        sent.includes(victim.session) &&
        (request.kind === 'destroy' || (request.kind === 'regenerate' && isFirst))
      const mustEnd = mayEnd && isFirst && !mayBeEmpty && !isLong(request, victims) && store !== 'cookie'
      if (!isKept && !mayEnd)
        throw new Error(`the session of ${victim.what} was ended: ${inWords(request, victims)}`)
      if (isKept && mustEnd)
        throw new Error(`the session of ${victim.what} was not ended: ${inWords(request, victims)}`)
    }
  })
  await fc.assert(property, { seed: SEED, numRuns: Math.max(20, Math.ceil(REQUESTS / 50)) })
})

/** The variables that give another app, with a secret of its own, the same file, table or prefix on the same server. */
function samePlaces(server: Server, store: Store) {
  const { SESSION_PREFIX, SESSION_FILE_DIR, DATABASE_URL } = serverEnvironment(
    process.env,
    { SESSION_SECRET: server.secret },
    store,
  )
  return { SESSION_PREFIX, SESSION_FILE_DIR, DATABASE_URL } as Record<string, string>
}

/** Four who are signed in, and five whose cookies must open nothing. */
async function makeVictims(server: Server, otherApp: Server, store: Store): Promise<Victim[]> {
  const ended = store === 'cookie' ? 'perhaps' : 'never'
  const expired = await victimOf('expired', await makeVisitor(server), 'never')
  await Promise.all([server.advance(PAST_IDLE), otherApp.advance(PAST_IDLE)])

  const [one, another, untouched, renewed, gone] = await Promise.all(
    Array.from({ length: 5 }, () => makeVisitor(server)),
  )
  if (!one || !another || !untouched || !renewed || !gone) throw new Error('no visitors')
  await untouched.post('avoid-touch', { value: true })
  const beforeRenewal = await victimOf('regenerated', renewed, ended)
  await renewed.post('regenerate')
  const destroyed = await victimOf('destroyed', gone, ended)
  await gone.send('/api/session', { method: 'DELETE' })
  const foreign = await victimOf('of another app', await makeVisitor(otherApp), 'never')
  const madeUp = {
    ...destroyed,
    what: 'never issued',
    opens: 'never' as const,
    session: scrambled(destroyed.session),
  }
  return [
    await victimOf('live', one, 'always'),
    await victimOf('live too', another, 'always'),
    await victimOf('live, untouched', untouched, 'always'),
    await victimOf('live under a new token', renewed, 'always'),
    expired,
    beforeRenewal,
    destroyed,
    foreign,
    madeUp,
  ]
}

/** With a session, its touch cookie and the account of a form that was sent. */
async function makeVisitor(server: Server): Promise<HttpVisitor> {
  const visitor = new HttpVisitor(server)
  const note = `the note of ${randomInt(2 ** 47)}`
  await visitor.patch({ set: { note, 'save.note': note } })
  await visitor.send('/get', await countVisit(server))
  expect([...visitor.cookies.keys()].sort()).toEqual([SESSION_COOKIE, TOUCH_COOKIE, TRACE_COOKIE])
  return visitor
}

/** What the form of /get calls its action: the build decides. */
let countVisitName: string | undefined

/** The form of /get, as a browser without JavaScript sends it. */
async function countVisit(server: Server) {
  if (countVisitName === undefined) {
    const { text } = await sendRaw(`${server.url}/get`)
    countVisitName = /name="(\$ACTION_ID_[0-9a-f]+)"[^>]*\/>(?:(?!<\/form>).)*Count a visit/s.exec(text)?.[1]
  }
  if (countVisitName === undefined) throw new Error('/get has no form without JavaScript')
  const body = `--b\r\nContent-Disposition: form-data; name="${countVisitName}"\r\n\r\n\r\n--b--\r\n`
  return {
    method: 'POST',
    headers: { 'content-type': 'multipart/form-data; boundary=b', origin: server.url },
    body,
  }
}

async function victimOf(what: string, visitor: HttpVisitor, opens: Victim['opens']): Promise<Victim> {
  const { id, data } = await visitor.peek()
  const cookie = (name: string) => visitor.cookies.get(name) ?? ''
  return {
    what,
    id: id ?? '',
    note: String(data.note),
    opens,
    session: cookie(SESSION_COOKIE),
    touch: cookie(TOUCH_COOKIE),
    account: cookie(TRACE_COOKIE),
  }
}

/** A token that looks like another one, and was never issued. */
function scrambled(token: string): string {
  return token.replaceAll(/[A-Za-z0-9]/g, (character) => (character === 'A' ? 'B' : 'A'))
}

interface Expected {
  /** Those whose session may be the answer, the best first. */
  victims: Victim[]
  /** Whether the answer may be an empty session. */
  mayBeEmpty: boolean
  /** The values of our session cookie, in the order sent. */
  candidates: string[]
}

/** The first token that opens something, of at most four candidates. */
function expectedOf(header: string, victims: readonly Victim[]): Expected {
  const candidates = sessionCandidates(header)
  const found: Victim[] = []
  for (const [place, candidate] of candidates.entries()) {
    const victim = victims.find(({ session, opens }) => session === candidate && opens !== 'never')
    if (victim === undefined) continue
    found.push(victim)
    // Equal candidates may count once or each: beyond four, either answer is right.
    if (victim.opens === 'always') return { victims: found, mayBeEmpty: place >= 4, candidates }
  }
  return { victims: found, mayBeEmpty: true, candidates }
}

async function expectNoFault(answers: Promise<string | undefined>[]): Promise<void> {
  const faults = await Promise.all(answers)
  const found = faults.find((fault) => fault !== undefined)
  if (found !== undefined) throw new Error(found)
}

const REQUEST_OF = {
  read: { path: '/api/session' },
  save: { path: '/api/session', method: 'PATCH', body: { set: { saved: 1 } } },
  'account page': { path: '/get' },
  'note page': { path: '/save' },
  action: { path: '/get', method: 'POST' },
  destroy: { path: '/api/session', method: 'DELETE' },
  regenerate: { path: '/api/session/regenerate', method: 'POST' },
  touch: { path: '/api/session/touch', method: 'POST' },
  'avoid touch': { path: '/api/session/avoid-touch', method: 'POST', body: { value: true } },
} as const

type Kind = keyof typeof REQUEST_OF

/** Sends a request; answers what is wrong with its answer, or undefined. */
async function faultOf(
  server: Server,
  request: HostileRequest<Kind>,
  victims: readonly Victim[],
): Promise<string | undefined> {
  const cookie = textOf(request.header, victims)
  const account = request.accountHeader && textOf(request.accountHeader, victims)
  const { path, ...rest } = REQUEST_OF[request.kind]
  const fault = (what: string) => `${what}: ${inWords(request, victims)}`
  if (isUnsendable(cookie)) {
    const status = await statusOfUnsendable(`${server.url}${path}`, cookie)
    return status === 400 || status === 431
      ? undefined
      : fault(`status ${status} for bytes that no header may hold`)
  }
  const form = request.kind === 'action' ? await countVisit(server) : undefined
  const headers = {
    ...form?.headers,
    ...(account !== undefined && !isUnsendable(account) && { 'x-session-trace': account }),
  }
  const answer = await sendRaw(`${server.url}${path}`, { ...rest, ...form, cookie, headers, agent })
  if (answer.status === 431 && isLong(request, victims)) return undefined
  const right = request.kind === 'destroy' ? 204 : request.kind === 'action' ? 303 : 200
  if (answer.status !== right) return fault(`status ${answer.status}`)
  const wrong =
    faultOfAnswer(answer, victims, expectedOf(cookie, victims)) ??
    faultOfSession(answer, request.kind, victims, expectedOf(cookie, victims))
  return wrong && fault(wrong)
}

/** Whether Node may refuse it: a server reads no more than 16 KiB of headers. */
function isLong({ header, accountHeader }: HostileRequest<Kind>, victims: readonly Victim[]): boolean {
  const account = accountHeader ? textOf(accountHeader, victims) : ''
  return textOf(header, victims).length + account.length > 14_000
}

/** What no answer may do, whatever was asked. */
function faultOfAnswer(
  answer: RawResponse,
  victims: readonly Victim[],
  expected: Expected,
): string | undefined {
  const { text, setCookies, headers } = answer
  const others = victims.filter(({ note }) => !expected.victims.some((victim) => victim.note === note))
  if (victims.some(({ session }) => text.includes(session))) return 'a token is in the body'
  const read = others.find(({ note }) => text.includes(note))
  if (read) return `it tells the note of the session that is ${read.what}`
  // The account of a request tells how its cookies begin. Who has all of the session cookie learns nothing, nor who sent
  // a good touch cookie and gets another one: on the cookie store both begin with the public id.
  const isTouched = (id: string) =>
    setCookies.some(({ name, value = '' }) => name === TOUCH_COOKIE && value.startsWith(`${id}.`))
  const told = others.find(
    ({ id, session }) =>
      text.includes(`${session.slice(0, 6)}…`) && !expected.candidates.includes(session) && !isTouched(id),
  )
  if (told) return `it tells what the visitor did whose session is ${told.what}`
  // After an action Next says itself what caches may do.
  const kept = answer.status === 303 ? /\bno-store\b/ : /^private, no-store$/
  if (setCookies.length > 0 && !kept.test(headers['cache-control'] ?? ''))
    return `it sets a cookie and says ${headers['cache-control']} to caches`
  for (const { name, value = '' } of setCookies) {
    if (![SESSION_COOKIE, TOUCH_COOKIE, TRACE_COOKIE].includes(name)) return `it sets a cookie called ${name}`
    if (others.some(({ session, touch, account }) => [session, touch, account].includes(value)))
      return `it sets ${name} to another visitor’s`
    const touched = name === TOUCH_COOKIE && others.find(({ id }) => value.startsWith(`${id}.`))
    // The visit of a sealed cookie goes by its public id: who has a touch cookie and a spoilt seal gets another touch.
    if (
      touched &&
      !(
        expected.mayBeEmpty && expected.candidates.some((candidate) => candidate.startsWith(`${touched.id}.`))
      )
    )
      return `it touches the session that is ${touched.what}`
  }
  return undefined
}

/** Whether it is the session that it must be. */
function faultOfSession(
  { text, setCookies }: RawResponse,
  kind: Kind,
  victims: readonly Victim[],
  { victims: right, mayBeEmpty }: Expected,
): string | undefined {
  const lost = !mayBeEmpty && right.at(-1)
  if (kind === 'destroy' || kind === 'account page') return undefined
  if (kind === 'note page')
    return lost && !right.some(({ note }) => text.includes(note))
      ? `it does not know ${lost.what}`
      : undefined
  if (kind === 'action') {
    const isTouched = setCookies.some(
      ({ name, value }) => name === TOUCH_COOKIE && right.some(({ id }) => value?.startsWith(`${id}.`)),
    )
    return lost && !isTouched ? `it saved another session than that of ${lost.what}` : undefined
  }
  const { id, data, outcome } = JSON.parse(text) as SessionView
  const victim =
    right.find((one) => one.id === id) ??
    // A new token has a new id.
    (kind === 'regenerate' ? right.find(({ note }) => note === data.note) : undefined)
  if (victim) return data.note === victim.note ? undefined : `it lost the data of ${victim.what}`
  const other = victims.find((one) => one.id === id)
  if (other) return `it opened the session that is ${other.what}`
  if (lost) return `it did not open the session that is ${lost.what}`
  if (data.note !== undefined)
    return `it tells ${JSON.stringify(data)}, although no token in the header is good`
  if (kind === 'read' && id !== null) return `it tells the id ${id}, although no token in the header is good`
  const isSet = setCookies.some(({ name }) => name !== TOUCH_COOKIE)
  if (kind === 'read' && isSet) return 'an empty session sets cookies'
  if (kind === 'save' && outcome === 'ended' && isSet) return 'an ended session sets cookies'
  return undefined
}

/** After all of it, each victim’s own cookies still answer what they did before, and no log tells them. */
async function expectUnharmed(server: Server, victims: readonly Victim[]): Promise<void> {
  const logs = server.logs()
  expect(logs.filter((line) => victims.some(({ session }) => line.includes(session)))).toEqual([])
  for (const victim of victims.filter(({ opens }) => opens !== 'perhaps')) {
    const { id, data } = await peek(server, victim)
    const isOpen = victim.opens === 'always'
    expect([victim.what, id, data.note]).toEqual([
      victim.what,
      isOpen ? victim.id : null,
      isOpen ? victim.note : undefined,
    ])
  }
}

async function peek(server: Server, { session, touch }: Victim): Promise<SessionView> {
  const cookies: [string, string][] = [
    [SESSION_COOKIE, session],
    [TOUCH_COOKIE, touch],
  ]
  return new HttpVisitor(server, cookies).session()
}

/** The request as it went out, for the message of a failure. */
function inWords({ kind, header, accountHeader }: HostileRequest<Kind>, victims: readonly Victim[]): string {
  const { path, ...rest } = REQUEST_OF[kind]
  const account = accountHeader && textOf(accountHeader, victims)
  return [
    'method' in rest ? rest.method : 'GET',
    path,
    `Cookie: ${quoted(textOf(header, victims))}`,
    ...(account === undefined ? [] : [`x-session-trace: ${quoted(account)}`]),
  ].join(' ')
}

/** As JSON in ASCII: a space that is none can be seen. */
function quoted(text: string): string {
  return JSON.stringify(text)
    .replaceAll(/[\u007f-\u00ff]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`)
    .replaceAll(/x{40,}/g, (filler) => `${filler.length} times x`)
}
