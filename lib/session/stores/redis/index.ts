/**
 * Where data lives: one hash for each session on a Redis or Valkey server, `<prefix><SHA-256 of the token>`.
 * `<prefix>epoch` is the epoch, see `destroyAll`.
 * Who removes the dead: the server; every other key carries a time to live, relative, so that clocks need not agree.
 * What survives a restart of the app: everything. Of the server: what its persistence keeps (see `inspect`).
 * How many processes may share it: any number; every change is one Lua script on one key, which is atomic.
 */
import { type CommandParser, createClient, defineScript } from '@redis/client'
import { ENDED_MS, isTime } from '../../core/limits'
import type { Adopting, Saved, SessionRecord, SessionStore } from '../../core/store'
import type { Finding, Inspectable, ListedSession, Listing } from '../abilities'
import { reasonOf } from '../errors'
import { createVersion, epochOf, type RecordText } from '../record'
import { createNonce, createToken, isStorageKey, isToken, storageKey } from '../tokens'

export interface RedisStoreOptions {
  readonly client: RedisClient
  /** What every key starts with; apps that share a server and a database number have one each. */
  readonly prefix: string
  readonly records: RecordText
  /** Decides what is expired; the server's clock is not asked. */
  readonly now: () => number
}

export type RedisClient = ReturnType<typeof createRedisClient>

type Redis = Parameters<Parameters<RedisClient['call']>[0]>[0]

const BATCH = 1000
const TOLERATED_SKEW_MS = 2000

export type RedisStore = SessionStore & Adopting & Listing & Inspectable

export function createRedisStore({ client, prefix, records, now }: RedisStoreOptions): RedisStore {
  const epochKey = `${prefix}epoch`
  const keyOf = (token: string) => prefix + storageKey(token)
  const ttlMs = (expiresAt: number) => Math.max(1, Math.ceil(expiresAt - now()))

  /** The arguments of a script that writes a record, under a version that was never used before. */
  function written(token: string, record: SessionRecord, expiresAt: number, epoch: string) {
    const text = records.write(token, record, { epoch })
    return [now(), expiresAt, ttlMs(expiresAt), createVersion(epoch), text] as const
  }

  /** Of a record that has this version, or of any; without `mark` nothing tells that it was there. */
  function removal(version: unknown, mark: 'unmarked' | undefined) {
    const endedUntil = mark === 'unmarked' ? '' : now() + ENDED_MS
    return [now(), version === undefined ? '' : String(version), endedUntil, ENDED_MS]
  }

  const epochIn = async (redis: Redis) => (await redis.hmGet(epochKey, ['epoch']))[0] ?? ''

  /** What a command returns, and the epoch, in one round trip. */
  function withEpoch<T>(command: (redis: Redis) => Promise<T>): Promise<[answer: T, epoch: string]> {
    return client.call((redis) => Promise.all([command(redis), epochIn(redis)]))
  }

  /** Removes a record of an earlier epoch: no `destroyAll` looks for it any more. */
  async function forget(token: string, version: string): Promise<void> {
    await client.call((redis) => redis.removeRecord(keyOf(token), removal(version, 'unmarked')))
  }

  async function put(token: string, record: SessionRecord, expiresAt: number): Promise<Saved | 'conflict'> {
    const args = written(token, record, expiresAt, await client.call(epochIn))
    const answer = await client.call((redis) => redis.putRecord(keyOf(token), args))
    return answer === 'ok' ? { token, version: args[3] } : 'conflict'
  }

  /** A key that merely begins like ours, such as one of an app whose prefix is longer, is not ours. */
  async function* ownKeys(): AsyncGenerator<string[]> {
    const MATCH = `${prefix.replace(/[*?[\]\\]/g, '\\$&')}*`
    let cursor = '0'
    do {
      const page = await client.call((redis) => redis.scan(cursor, { MATCH, COUNT: BATCH }))
      yield page.keys.filter((key) => isStorageKey(key.slice(prefix.length)))
      cursor = page.cursor
    } while (cursor !== '0')
  }

  return {
    name: 'redis',

    async load(token) {
      if (!isToken(token)) return { refused: 'malformed' }
      const [fields, epoch] = await withEpoch((redis) =>
        redis.hmGet(keyOf(token), ['record', 'version', 'expiresAt', 'endedUntil']).catch(noneIfWrongType),
      )
      const [text, version, end, endedUntil] = fields
      if (fields.length > 0 && fields.every((field) => field === null)) return { refused: 'unknown' }
      if (endedUntil) return { refused: now() < Number(endedUntil) ? 'ended' : 'unknown' }
      const expiresAt = Number(end ?? Number.NaN)
      if (!version || !isTime(expiresAt)) return { refused: 'malformed' }
      if (now() >= expiresAt) return { refused: 'expired' }
      const found = records.read(storageKey(token), text)
      if ('refused' in found) return found
      return found.epoch === epoch ? { record: found.record, version, expiresAt } : { refused: 'unknown' }
    },

    async create(record, expiresAt) {
      const created = await put(createToken(), record, expiresAt)
      if (created === 'conflict') throw new Error('a new token is taken')
      return created
    },

    adopt: put,

    /** The record stays in the epoch in which it was made. */
    async update(token, record, expiresAt, version) {
      const own = epochOf(version)
      if (!isToken(token)) return 'gone'
      const args = written(token, record, expiresAt, own ?? '')
      const [answer, epoch] = await withEpoch((redis) =>
        redis.replaceRecord(keyOf(token), [...args, String(version)]),
      )
      if (answer !== 'ok') return answer === 'gone' ? 'gone' : 'conflict'
      if (own === epoch) return { token, version: args[3] }
      await forget(token, args[3])
      return 'gone'
    },

    async touch(token, expiresAt) {
      if (!isToken(token)) return false
      const args = [now(), expiresAt, ttlMs(expiresAt)]
      const [version, epoch] = await withEpoch((redis) => redis.moveExpiry(keyOf(token), args))
      if (version === 'gone') return false
      if (epochOf(version) === epoch) return true
      await forget(token, version)
      return false
    },

    async destroy(token, version, mark) {
      if (!isToken(token)) return version === undefined ? 'ok' : 'conflict'
      const [answer, epoch] = await withEpoch((redis) =>
        redis.removeRecord(keyOf(token), removal(version, mark)),
      )
      if (answer !== 'ok') return 'conflict'
      if (version === undefined || epochOf(version) === epoch) return 'ok'
      await client.call((redis) => redis.unlink(keyOf(token))) // everyone's sessions were ended: no mark
      return 'conflict'
    },

    /** First the epoch: a session that gets another key during the search is dead under that key too. */
    async destroyAll() {
      await client.call((redis) => redis.hSet(epochKey, 'epoch', createNonce()))
      for await (const keys of ownKeys())
        await Promise.all(keys.map((key) => client.call((redis) => redis.unlink(key))))
    },

    async count() {
      const counted = { live: 0, expired: 0 }
      const epoch = await client.call(epochIn)
      for await (const keys of ownKeys()) {
        const found = await Promise.all(
          keys.map((key) =>
            client.call((redis) => redis.hmGet(key, ['expiresAt', 'version'])).catch(noneIfWrongType),
          ),
        )
        for (const [end, version] of found) {
          if (end) counted[Number(end) > now() && epochOf(version) === epoch ? 'live' : 'expired']++
        }
      }
      return counted
    },

    async list(limit) {
      const listed: ListedSession[] = []
      const epoch = await client.call(epochIn)
      for await (const keys of ownKeys()) {
        for (const key of keys) {
          if (listed.length >= limit) return listed
          const fields = client.call((redis) => redis.hmGet(key, ['record', 'expiresAt', 'version']))
          const [text, end, version] = await fields.catch(noneIfWrongType)
          if (Number(end) <= now() || epochOf(version) !== epoch) continue
          const found = records.list(key.slice(prefix.length), text, Number(end))
          if (found) listed.push(found)
        }
      }
      return listed
    },

    async destroyNamed(name) {
      if (!isStorageKey(name)) return
      const key = prefix + name
      const [text] = await client.call((redis) => redis.hmGet(key, ['record'])).catch(noneIfWrongType)
      if ('refused' in records.read(name, text)) return // another app's
      await client.call((redis) => redis.unlink(key))
    },

    inspect: () => inspect(client, prefix),
  }
}

/**
 * Connected by the first call, and again by the first call after a connection is lost. A call fails as soon as its
 * connection does: nothing waits for a server to come back, and nothing is sent late. A connection that has brought no
 * answer at all for `timeoutMs` is given up, so that the next call makes a new one.
 */
export function createRedisClient({ url, timeoutMs }: { url: string; timeoutMs: number }) {
  let current: ReturnType<typeof connect> | undefined
  let isClosed = false

  function connect() {
    const cut = new AbortController()
    const client = createClient({
      url,
      scripts,
      RESP: 2, // no HELLO: older servers and proxies do not know it
      disableClientInfo: true, // nor commands that a restricted user may not send
      maintNotifications: 'disabled',
      disableOfflineQueue: true,
      commandOptions: { timeout: timeoutMs }, // of what waits to be written
      // A closed client of this package comes back to life when its socket connects late: the signal ends that too.
      socket: { reconnectStrategy: false, connectTimeout: timeoutMs, signal: cut.signal },
    })
    const connection = { client, cut, answers: 0, ready: client.connect() }
    cut.signal.addEventListener('abort', () => {
      if (current === connection) current = undefined
      client.destroy()
    })
    client.on('error', (error) => cut.abort(error)) // without a listener it would end the process
    connection.ready.catch((error) => cut.abort(error))
    return connection
  }

  return {
    /** Runs one command. Rejects with what ended the connection, or with the server's error. */
    async call<T>(command: (redis: ReturnType<typeof connect>['client']) => Promise<T>): Promise<T> {
      if (isClosed) throw new Error('the connection was closed')
      current ??= connect()
      const connection = current
      const { client, cut, ready } = connection
      let { answers } = connection
      const timer = setInterval(() => {
        if (connection.answers === answers)
          cut.abort(new Error(`no answer in ${timeoutMs} ms (SESSION_STORE_TIMEOUT_MS)`))
        answers = connection.answers // slow, and alive: until it stands still
      }, timeoutMs)
      try {
        await ready
        const answer = await command(client)
        connection.answers++
        return answer
      } catch (error) {
        // After a failover, an old primary says so to every write: connecting again finds the new one.
        if (error instanceof Error && error.message.includes('READONLY')) cut.abort(error)
        throw cut.signal.aborted ? cut.signal.reason : error
      } finally {
        clearInterval(timer)
      }
    },

    /** Ends the connection and what waits for it, for good. */
    destroy() {
      isClosed = true
      current?.cut.abort(new Error('the connection was closed'))
    },
  }
}

/**
 * `ARGV[1]` is the app's clock. What is no hash, or has no version or expiry, is no session. A hash that has nothing but
 * `endedUntil` marks one that ended a moment ago.
 */
const FIND_LIVE = `
local kind = redis.call('TYPE', KEYS[1]).ok
local found = kind == 'hash' and redis.call('HMGET', KEYS[1], 'version', 'expiresAt', 'endedUntil') or {}
local isLive = found[1] and (tonumber(found[2]) or 0) > tonumber(ARGV[1])
local isMark = (tonumber(found[3]) or 0) > tonumber(ARGV[1])
`
const WRITE = `
redis.call('HSET', KEYS[1], 'expiresAt', ARGV[2], 'version', ARGV[4], 'record', ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'ok'
`
const scripts = {
  putRecord: script(`
    if isLive or isMark then return 'conflict' end
    -- Only if there is something: after any change, a script may fill the server beyond its maxmemory.
    if kind ~= 'none' then redis.call('UNLINK', KEYS[1]) end
    ${WRITE}`),
  replaceRecord: script(`
    if not isLive then return 'gone' end
    if found[1] ~= ARGV[6] then return 'conflict' end
    ${WRITE}`),
  /** Returns the version. */
  moveExpiry: script(`
    if not isLive then return 'gone' end
    redis.call('HSET', KEYS[1], 'expiresAt', ARGV[2])
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
    return found[1]`),
  /** `ARGV[2]`: the version, or empty for any; `ARGV[3]`: until when a mark stays, or empty for none. */
  removeRecord: script(`
    if ARGV[2] ~= '' and (not isLive or found[1] ~= ARGV[2]) then return 'conflict' end
    if kind == 'none' or (isMark and ARGV[3] ~= '') then return 'ok' end
    redis.call('UNLINK', KEYS[1])
    if isLive and ARGV[3] ~= '' then
      redis.call('HSET', KEYS[1], 'endedUntil', ARGV[3])
      redis.call('PEXPIRE', KEYS[1], ARGV[4])
    end
    return 'ok'`),
}

/** Sent by its hash (EVALSHA); in full when the server does not have it, as after its restart. */
function script(body: string) {
  return defineScript({
    SCRIPT: FIND_LIVE + body,
    NUMBER_OF_KEYS: 1,
    parseCommand(parser: CommandParser, key: string, args: readonly (string | number)[]) {
      parser.pushKey(key)
      parser.push(...args.map(String))
    },
    transformReply: (reply: string) => reply,
  })
}

/** By its text: the client may come from another module instance, whose error classes are others. */
function noneIfWrongType(error: unknown): [] {
  if (error instanceof Error && error.message.startsWith('WRONGTYPE')) return []
  throw error
}

/** INFO, TIME and CONFIG are often forbidden, above all on managed servers: skip every check that the server does not allow. */
async function inspect({ call }: RedisClient, prefix: string): Promise<readonly Finding[]> {
  try {
    await call((redis) => redis.hmGet(`${prefix}inspect`, ['record']))
  } catch (error) {
    return [finding('problem', `The server does not answer: ${reasonOf(new Error('', { cause: error }))}`)]
  }
  const [info, skewMs, save] = await Promise.all([
    call((redis) => redis.info()).catch(() => ''),
    clockSkewMs(call).catch(() => 0),
    call((redis) => redis.configGet('save')).then(
      ({ save }) => save,
      () => undefined,
    ),
  ])
  const says = (name: string) => info.match(new RegExp(`^${name}:(.*?)\r?$`, 'm'))?.[1]
  const [valkey, redis] = [says('valkey_version'), says('redis_version')]
  const policy = says('maxmemory_policy')
  const findings: (Finding | false | undefined)[] = [
    finding('ok', `${valkey ? `Valkey ${valkey}` : `Redis ${redis ?? '(version not told)'}`} answers.`),
    says('cluster_enabled') === '1' &&
      finding('warning', 'It is a node of a Redis Cluster: sessions whose keys belong to other nodes fail.'),
    Math.abs(skewMs) > TOLERATED_SKEW_MS &&
      finding(
        'warning',
        `The clock of the server is ${(skewMs / 1000).toFixed(1)} s from this one's. ` +
          "Sessions are unaffected: times to live are relative, and the app's clock decides.",
      ),
    policy !== undefined &&
      (policy === 'noeviction'
        ? finding('ok', 'maxmemory-policy is noeviction: no session is evicted.')
        : finding('warning', `maxmemory-policy is ${policy}: sessions may be evicted when memory is full.`)),
    persistence(says('aof_enabled'), save),
  ]
  return findings.filter((each) => !!each)
}

async function clockSkewMs(call: RedisClient['call']): Promise<number> {
  const sentAt = Date.now()
  const [seconds, microseconds] = await call((redis) => redis.time())
  return Number(seconds) * 1000 + Number(microseconds) / 1000 - (sentAt + Date.now()) / 2
}

/** Undefined for what the server does not tell. */
function persistence(aof: string | undefined, save: string | undefined): Finding | undefined {
  if (aof === '1')
    return finding('ok', 'The append-only file is on: sessions survive a restart of the server.')
  if (save)
    return finding('ok', 'Snapshots are on: a crash of the server loses what came after the last one.')
  if (aof === undefined || save === undefined) return undefined
  return finding('warning', 'Persistence is off: sessions are lost at a restart of the server.')
}

function finding(level: Finding['level'], text: string): Finding {
  return { level, text }
}
