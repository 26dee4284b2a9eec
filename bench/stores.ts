// Does a store stay fast as it fills? Load and save with 1,000 and with 100,000 live sessions, side by side in one run;
// then how long a request waits while 100,000 expired sessions are swept.
//
//   npm run bench                      file, SQLite, PostgreSQL, Redis; it takes half an hour
//   npm run bench -- sqlite redis      only these
//   npm run bench -- --many 10000      fewer sessions
//
// memcached can be asked for too; by default it has no room for so many, and evicts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Bench } from 'tinybench'
import { readConfig } from '@/lib/session/config/config'
import { createKeyring } from '@/lib/session/core/keys'
import type { SessionRecord, SessionStore } from '@/lib/session/core/store'
import { encodeValue } from '@/lib/session/core/values'
import { openStore } from '@/lib/session/stores/open'
import { sweepAll } from '@/lib/session/stores/sweeper'
import { SERVERS, type ServerName, variableOf } from '../scripts/stores.mjs'
import { startServers } from '../scripts/test-servers.mjs'

const FEW = 1000
const MANY = 100_000
const DAY_MS = 86_400_000
const SWEEP_BATCH = 100
const ROUNDS = 5
/** How many sessions are made at a time. */
const PARALLEL = 64

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { few: { type: 'string' }, many: { type: 'string' } },
})
const few = Number(values.few ?? FEW)
const many = Number(values.many ?? MANY)
const names = positionals.length > 0 ? positionals : ['file', 'sqlite', 'postgres', 'redis']
const servers = await startServers(SERVERS.filter((server) => names.includes(server)))
const url = (server: ServerName) => servers.variables[variableOf(server)]
const directory = await mkdtemp(join(tmpdir(), 'sess-bench-'))
const environments: Record<string, Record<string, string | undefined>> = {
  file: { SESSION_STORE: 'file', SESSION_FILE_DIR: join(directory, 'sessions') },
  sqlite: { SESSION_STORE: 'database', DATABASE_URL: `file:${join(directory, 'sessions.db')}` },
  postgres: { SESSION_STORE: 'database', DATABASE_URL: url('postgres') },
  redis: { SESSION_STORE: 'redis', REDIS_URL: url('redis') },
  memcached: { SESSION_STORE: 'memcached', MEMCACHED_SERVERS: url('memcached') },
}

try {
  if (servers.problem !== undefined) throw new Error(servers.problem)
  console.log(
    `| store | load, ${few} | load, ${many} | ratio | save, ${few} | save, ${many} | ratio | longest wait of a request during a sweep of ${many} | sweep |`,
  )
  console.log('|---|---|---|---|---|---|---|---|---|')
  for (const name of names) {
    const env = environments[name]
    if (!env) throw new Error(`There is no store ${name}; there are ${Object.keys(environments).join(', ')}.`)
    console.log(await row(name, env))
  }
} finally {
  await servers.stop()
  await rm(directory, { recursive: true })
}

async function row(name: string, env: Record<string, string | undefined>): Promise<string> {
  const config = readConfig({
    SESSION_SECRET: 'for a benchmark: nXw5tYb7cLd9fGh3jMp6sRu4e',
    SESSION_PREFIX: `bench-${process.pid}:`,
    SESSION_STORE_TIMEOUT_MS: '60000',
    ...env,
  })
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const store = await openStore({ config, keyring: createKeyring(config.secrets, config.cookie.name), now })
  try {
    const tokens = await fill(store, now, few)
    const small = await measure(store, now, tokens)
    tokens.push(...(await fill(store, now, many - few)))
    const large = await measure(store, now, tokens)
    aheadMs = 2 * DAY_MS
    const sweep = store.sweep ? await measureSweep(store, now) : { longest: 'the server expires', total: '' }
    const cells = [
      name,
      ...[small.load, large.load].map(microseconds),
      ratio(large.load, small.load),
      ...[small.save, large.save].map(microseconds),
      ratio(large.save, small.save),
      sweep.longest,
      sweep.total,
    ]
    return `| ${cells.join(' | ')} |`
  } finally {
    await store.destroyAll()
    await store.close?.()
  }
}

async function fill(store: SessionStore, now: () => number, count: number): Promise<string[]> {
  const tokens: string[] = []
  const worker = async () => {
    while (tokens.length < count) {
      const place = tokens.push('') - 1
      tokens[place] = (await store.create(recordOf(now(), place), now() + DAY_MS)).token
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return tokens
}

/** Medians in milliseconds, over sessions picked at random; the best of some rounds, for a machine has its moods. */
async function measure(store: SessionStore, now: () => number, tokens: readonly string[]) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measureOnce(store, now, tokens))
  return {
    load: Math.min(...rounds.map(({ load }) => load)),
    save: Math.min(...rounds.map(({ save }) => save)),
  }
}

async function measureOnce(store: SessionStore, now: () => number, tokens: readonly string[]) {
  const any = () => tokens[Math.floor(Math.random() * tokens.length)] as string
  const bench = new Bench({ time: 1000, warmupTime: 300 })
  // As between requests: what else waits in the process, such as the memory of used statements, gets its turn.
  const options = { beforeEach: () => turn() }
  const load = async () => void (await store.load(any()))
  bench.add('load', load, options)
  const save = async () => {
    const token = any()
    const found = await store.load(token)
    if (!('refused' in found)) await store.update(token, recordOf(now(), 1), now() + DAY_MS, found.version)
  }
  bench.add('save', save, options)
  await bench.run()
  const median = (name: string) => {
    const result = bench.getTask(name)?.result
    if (result?.state !== 'completed') throw new Error(`${name}: ${result?.state}`)
    return result.latency.p50
  }
  return { load: median('load'), save: median('save') }
}

/** All are expired but one, which requests go on loading. */
async function measureSweep(store: SessionStore, now: () => number) {
  const { token } = await store.create(recordOf(now(), 0), now() + DAY_MS)
  let isSweeping = true
  let longestBatchMs = 0
  const started = performance.now()
  const sweeping = sweepAll({ ...store, sweep: timedSweep }, now(), SWEEP_BATCH).finally(() => {
    isSweeping = false
  })
  let longestMs = 0
  let asked = performance.now()
  while (isSweeping) {
    await turn() // a batch that blocks the process counts too
    const found = await store.load(token)
    if ('refused' in found) throw new Error('The sweep removed a live session.')
    longestMs = Math.max(longestMs, performance.now() - asked)
    asked = performance.now()
  }
  const removed = await sweeping
  const totalMs = performance.now() - started
  return {
    longest: `${longestMs.toFixed(0)} ms (longest batch of ${SWEEP_BATCH}: ${longestBatchMs.toFixed(0)} ms)`,
    total: `${removed} in ${(totalMs / 1000).toFixed(1)} s`,
  }

  async function timedSweep(at: number, limit: number): Promise<number> {
    const begun = performance.now()
    const count = (await store.sweep?.(at, limit)) ?? 0
    longestBatchMs = Math.max(longestBatchMs, performance.now() - begun)
    return count
  }
}

function recordOf(time: number, n: number): SessionRecord {
  const values = { user: `user-${n}`, visits: n, cart: [{ sku: 'a', count: 1 }], note: 'x'.repeat(200) }
  const data = new Map(Object.entries(values).map(([key, value]) => [key, encodeValue(key, value)]))
  return { createdAt: time, savedAt: time, avoidTouch: false, data }
}

function microseconds(ms: number): string {
  return `${(ms * 1000).toFixed(0)} µs`
}

function ratio(a: number, b: number): string {
  return `${(a / b).toFixed(2)}×`
}
