/**
 * Where data lives: in the memory of one or more memcached servers, each session on one of them, chosen by its key
 * alone. `<prefix><SHA-256 of the token>` is the record; the same with `:x` its life, which a touch moves without
 * writing data; `<prefix>epoch`, on every server, a random value: records made under another one are dead. Of a session that ended
 * a moment ago the record is `ended` and until when (`markText`).
 * Who removes the dead: memcached, by the time to live of each item. When memory is short it evicts the living too.
 * What survives a restart of the app: everything. Of a memcached server: nothing that was on it.
 * How many processes may share it: any number with the same list of servers, in any order. A server that is down
 * stays in the list and its sessions fail; the other servers' go on.
 */
import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { MemcacheClient, type MultiCasRetrievalResponse, type PackedData } from 'memcache-client'
import { ENDED_MS, isTime } from '../../core/limits'
import type { Adopting, RefusalReason, Saved, SessionRecord, SessionStore } from '../../core/store'
import type { Finding, Inspectable } from '../abilities'
import { SessionTooLargeError } from '../errors'
import { heaviestKeys, markedUntil, markText, type RecordText } from '../record'
import { createNonce, createToken, isToken, storageKey } from '../tokens'

export interface MemcachedStoreOptions {
  /** One client for each server, by its address: a client with several servers picks one of them at random. */
  readonly clients: ReadonlyMap<string, MemcacheClient>
  /** At most 180 bytes, without spaces: a memcached key has 250. */
  readonly prefix: string
  readonly records: RecordText
  readonly now: () => number
}

/** One client for each server (`host:port`; the client knows no IPv6 literals). Connects at the first call. */
export function createMemcachedClients({
  servers,
  timeoutMs,
}: {
  servers: readonly string[]
  timeoutMs: number
}): ReadonlyMap<string, MemcacheClient> {
  // The client looks for overdue commands four times in that time: a connection that hangs is given up before the
  // deadline of the call, and does not take the next request down with it.
  const stepMs = Math.ceil(timeoutMs * 0.75)
  const options = { cmdTimeout: stepMs, connectTimeout: stepMs, noDelay: true }
  return new Map(servers.map((server) => [server, new TextClient({ ...options, server })]))
}

type CasUniq = string | number

const MAX_RELATIVE_SECONDS = 30 * 24 * 3600
const DEFAULT_ITEM_BYTES = 1024 * 1024
const ITEM_HEADER_BYTES = 59 // what memcached adds to key and value
const MAX_SKEW_SECONDS = 5

/** The epoch of a server while everyone's sessions are ended: nothing lives under it. */
const ENDING = 'ending'
/** Should that process crash meanwhile, the server forgets it, and the next session begins another epoch. */
const ENDING_SECONDS = 15
const ENDING_WAIT_MS = 1000

/** Where one session is: its server and the names of its items there. */
interface Place {
  readonly name: string
  readonly client: MemcacheClient
  readonly recordKey: string
  readonly lifeKey: string
}

/** A session as its server has it; what is refused can still be there (`casUniq`). */
type Found =
  | {
      readonly record: SessionRecord
      readonly version: string
      readonly expiresAt: number
      readonly epoch: string
      readonly casUniq: CasUniq
    }
  | { readonly refused: RefusalReason; readonly epoch?: string | undefined; readonly casUniq?: CasUniq }

export type MemcachedStore = SessionStore & Adopting & Inspectable

export function createMemcachedStore(options: MemcachedStoreOptions): MemcachedStore {
  const { clients, prefix, records, now } = options
  const epochKey = `${prefix}epoch`

  /** An error of `work` names the server. */
  async function at<T>(token: string, work: (place: Place) => Promise<T>): Promise<T> {
    const name = storageKey(token)
    const [address, client] = serverOf(clients, name)
    try {
      return await work({ name, client, recordKey: prefix + name, lifeKey: `${prefix}${name}:x` })
    } catch (error) {
      throw error instanceof SessionTooLargeError ? error : naming(address, error)
    }
  }

  /** Record, expiry and epoch of a session, in one round trip. */
  async function read({ name, client, recordKey, lifeKey }: Place): Promise<Found> {
    const items = await client.gets<MultiCasRetrievalResponse<string>>([recordKey, lifeKey, epochKey])
    const item = items[recordKey]
    const epoch = items[epochKey]?.value
    if (!item) return { refused: 'unknown', epoch }
    const { casUniq, value } = item
    const endedUntil = markedUntil(value)
    if (endedUntil !== undefined) return { refused: now() < endedUntil ? 'ended' : 'unknown', epoch, casUniq }
    const stored = records.read(name, value)
    if ('refused' in stored) return { refused: stored.refused, epoch, casUniq }
    const { record, version } = stored
    if (version === undefined || stored.expiresAt === undefined)
      return { refused: 'malformed', epoch, casUniq }
    if (stored.epoch !== epoch || epoch === ENDING) return { refused: 'unknown', epoch, casUniq }
    const expiresAt = movedExpiry(items[lifeKey]?.value, version) ?? stored.expiresAt
    if (expiresAt <= now()) return { refused: 'expired', epoch, casUniq }
    return { record, version, expiresAt, epoch, casUniq }
  }

  /** Stores a record if the server still has `casUniq` under the key, or nothing where it is undefined. */
  async function write(
    { client, recordKey }: Place,
    token: string,
    record: SessionRecord,
    { expiresAt, epoch, casUniq }: { expiresAt: number; epoch: string; casUniq: CasUniq | undefined },
  ): Promise<Saved | Refusal> {
    const version = createNonce()
    const text = records.write(token, record, { epoch, version, expiresAt })
    const lifetime = lifetimeOf(expiresAt)
    try {
      const answer = await answerTo(
        casUniq === undefined
          ? client.add(recordKey, text, { lifetime })
          : client.cas(recordKey, text, { lifetime, casUniq }),
      )
      return answer === 'done' ? { token, version } : answer
    } catch (error) {
      // `add` and `cas` leave alone what is there; a `set` that is too large would delete it.
      if (!(error instanceof Error && /^SERVER_ERROR .*too large/.test(error.message))) throw error
      const limit = itemBytes(await stats(client, 'settings')) - ITEM_HEADER_BYTES - recordKey.length
      throw new SessionTooLargeError(Buffer.byteLength(text), limit, heaviestKeys(record.data))
    }
  }

  async function insert(
    place: Place,
    token: string,
    record: SessionRecord,
    expiresAt: number,
  ): Promise<Saved | 'conflict'> {
    const found = await read(place)
    if ('record' in found || found.refused === 'ended') return 'conflict'
    const epoch =
      found.epoch === undefined || found.epoch === ENDING ? await startEpoch(place.client) : found.epoch
    // What is dead and not yet removed by the server is written over.
    const saved = await write(place, token, record, { expiresAt, epoch, casUniq: found.casUniq })
    return typeof saved === 'string' ? 'conflict' : saved
  }

  /**
   * Of all requests that find no epoch, one sets it. It is random, so sessions of an earlier epoch stay dead. While
   * everyone's sessions are being ended, it waits for the next epoch.
   */
  async function startEpoch(client: MemcacheClient): Promise<string> {
    for (const since = performance.now(); performance.now() - since < ENDING_WAIT_MS; await pause(5)) {
      await answerTo(client.add(epochKey, createNonce(), { lifetime: 0 }))
      const items = await client.gets<MultiCasRetrievalResponse<string>>([epochKey])
      const epoch = items[epochKey]?.value
      if (epoch === undefined) throw new Error(`the server does not keep ${epochKey}`)
      if (epoch !== ENDING) return epoch
    }
    throw new Error("everyone's sessions are being ended; try again")
  }

  /** Puts a mark in the place of a live session, or nothing, if it (still) has this version; any, when undefined. */
  async function remove(
    place: Place,
    version: unknown,
    how: 'unmarked' | undefined,
  ): Promise<'ok' | 'conflict'> {
    const { client, recordKey, lifeKey } = place
    const found = await read(place)
    if ('refused' in found) {
      if (version !== undefined) return 'conflict'
      const isMark = found.refused === 'ended' && how === 'unmarked'
      // No session needs junk.
      if (isMark || found.refused === 'malformed') await answerTo(client.delete(recordKey))
      return 'ok'
    }
    if (version !== undefined && found.version !== version) return 'conflict'
    const { casUniq } = found
    const endedUntil = now() + ENDED_MS
    // There is no conditional delete; what is stored with a time to live below zero is gone at once.
    const answer = await answerTo(
      how === 'unmarked'
        ? client.cas(recordKey, '', { lifetime: -1, casUniq })
        : client.cas(recordKey, markText(endedUntil), { lifetime: lifetimeOf(endedUntil), casUniq }),
    )
    if (answer !== 'done') return version === undefined ? remove(place, version, how) : 'conflict'
    await client.delete(lifeKey).catch(() => {}) // an expiry item without its record is ignored
    return 'ok'
  }

  /** The same on every server, or an error that names each that did not answer. */
  async function setEpochs(epoch: string, lifetime: number): Promise<void> {
    const calls = [...clients].map(([address, client]) =>
      client.set(epochKey, epoch, { lifetime }).catch((error) => Promise.reject(naming(address, error))),
    )
    const results = await Promise.allSettled(calls)
    const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    if (errors.length > 0) throw new AggregateError(errors)
  }

  /**
   * The server's time to live, by the app's clock. A second more than the session has: the server's clock ticks once
   * a second, and an item that is given one second can be gone at once. Whether a session lives is decided by `now`.
   */
  function lifetimeOf(expiresAt: number): number {
    const seconds = Math.max(0, Math.ceil((expiresAt - now()) / 1000)) + 1
    // What is longer than 30 days memcached takes for a date, of the real clock.
    return seconds <= MAX_RELATIVE_SECONDS ? seconds : Math.floor(Date.now() / 1000) + seconds
  }

  return {
    name: 'memcached',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const found = await at(token, read)
      if ('refused' in found) return { refused: found.refused }
      const { record, version, expiresAt } = found
      return { record, version, expiresAt }
    },

    async create(record, expiresAt) {
      const token = createToken()
      return at(token, async (place) => {
        const created = await insert(place, token, record, expiresAt)
        if (created === 'conflict') throw new Error('a new token was taken already')
        return created
      })
    },

    adopt: (token, record, expiresAt) => at(token, (place) => insert(place, token, record, expiresAt)),

    async update(token, record, expiresAt, version) {
      if (!isToken(token)) return 'gone'
      return at(token, async (place) => {
        const found = await read(place)
        if ('refused' in found) return 'gone'
        if (found.version !== version) return 'conflict'
        const saved = await write(place, token, record, {
          expiresAt,
          epoch: found.epoch,
          casUniq: found.casUniq,
        })
        if (typeof saved !== 'string') return saved
        return saved === 'NOT_FOUND' ? 'gone' : 'conflict'
      })
    },

    /**
     * Two steps, and whatever other requests do in between is safe. After a destroy there is no record, and an expiry
     * item without its record is ignored. After a save the version is another one, so this expiry does not apply; the
     * server may then drop the record too early, by as long as this touch took, and never too late. Every load compares
     * the epoch.
     */
    async touch(token, expiresAt) {
      if (!isToken(token)) return false
      return at(token, async (place) => {
        const found = await read(place)
        if ('refused' in found) return false
        const lifetime = lifetimeOf(expiresAt)
        const answer = await answerTo(place.client.touch(place.recordKey, lifetime)) // keeps data and casUniq
        if (answer !== 'done') return false
        await place.client.set(place.lifeKey, `${found.version} ${expiresAt}`, { lifetime })
        return true
      })
    },

    async destroy(token, version, mark) {
      if (!isToken(token)) return version === undefined ? 'ok' : 'conflict'
      return at(token, (place) => remove(place, version, mark))
    },

    /**
     * In two steps, since a session can move from one server to another meanwhile: nothing lives anywhere before
     * anything lives under the new epoch. Never `flush_all`, which empties the servers of everything that is not ours.
     */
    async destroyAll() {
      try {
        await setEpochs(ENDING, ENDING_SECONDS)
      } finally {
        await setEpochs(createNonce(), 0)
      }
    },

    async inspect() {
      const findings = [...clients].map(([address, client]) => inspectServer(address, client))
      return (await Promise.all(findings)).flat()
    },
  }

  async function inspectServer(address: string, client: MemcacheClient): Promise<Finding[]> {
    try {
      const [general, settings, items] = await Promise.all([
        stats(client),
        stats(client, 'settings'),
        client.gets<MultiCasRetrievalResponse<string>>([epochKey]),
      ])
      const evictions = Number(general.get('evictions') ?? 0)
      const skewSeconds = Number(general.get('time')) - Math.floor(Date.now() / 1000)
      const epoch = items[epochKey] ? 'epoch set' : 'no epoch, so no sessions since it started or was emptied'
      const text = `memcached ${general.get('version')}, items up to ${itemBytes(settings)} bytes, ${epoch}`
      const findings: Finding[] = [{ level: 'ok', text: `${address}: ${text}` }]
      const warn = (text: string) => findings.push({ level: 'warning', text: `${address}: ${text}` })
      if (evictions > 0)
        warn(`${evictions} items evicted: sessions may be lost early; give it more memory (-m)`)
      if (Math.abs(skewSeconds) > MAX_SKEW_SECONDS)
        warn(`its clock is off by ${skewSeconds} s, which counts for sessions of more than 30 days`)
      return findings
    } catch (error) {
      return [{ level: 'problem', text: naming(address, error).message }]
    }
  }
}

/**
 * The server that a key belongs to: the one of the highest weight (rendezvous hashing). The order of the list has no
 * meaning, and a server that comes or goes moves its own share only.
 */
export function serverOf<T>(
  servers: ReadonlyMap<string, T>,
  key: string,
): readonly [address: string, client: T] {
  const weightOf = (address: string) => createHash('sha256').update(`${address} ${key}`).digest('hex')
  const ranked = [...servers].map((server) => ({ server, weight: weightOf(server[0]) }))
  return ranked.reduce((best, next) => (next.weight > best.weight ? next : best)).server
}

/** Values as the text they are. Flags that another client left would make this one parse or unpack, and throw. */
class TextClient extends MemcacheClient {
  override _unpackValue({ data }: PackedData): string {
    return data.toString()
  }
}

const REFUSALS = ['EXISTS', 'NOT_FOUND', 'NOT_STORED'] as const
type Refusal = (typeof REFUSALS)[number]
type Answer = 'done' | Refusal

/** What the server replied to a write. @throws when the write failed */
async function answerTo(write: Promise<unknown>): Promise<Answer> {
  try {
    await write
    return 'done'
  } catch (error) {
    const refusal = REFUSALS.find((each) => error instanceof Error && error.message === each)
    if (refusal) return refusal
    throw error
  }
}

async function stats(client: MemcacheClient, of = ''): Promise<ReadonlyMap<string, string>> {
  const { STAT = [] } = await client.cmd<{ STAT?: [name: string, value: string][] }>(`stats ${of}`.trimEnd())
  return new Map(STAT)
}

function itemBytes(settings: ReadonlyMap<string, string>): number {
  return Number(settings.get('item_size_max') ?? DEFAULT_ITEM_BYTES)
}

/** Where a touch of this version moved the expiry; undefined when there was none. */
function movedExpiry(life: string | undefined, version: string): number | undefined {
  const match = life?.match(/^(\S+) (\d{1,16})$/)
  const expiresAt = Number(match?.[2])
  return match?.[1] === version && isTime(expiresAt) ? expiresAt : undefined
}

function naming(address: string, error: unknown): Error {
  const reason = error instanceof Error && error.message !== '' ? error.message : String(error)
  return new Error(`${address}: ${reason}`, { cause: error })
}
