import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@redis/client'
import Database from 'better-sqlite3'
import { Client } from 'pg'
import { type Gate, openGate } from './gate'
import { memcachedServers, newPostgresDatabase, newPrefix, redisUrl } from './servers'
import { memcachedDump } from './session/memcached-dump'

/** A real backend of its own for one test: an empty directory, database or key space, behind a gate where it is a server. */
export interface TestBackend {
  /** What SESSION_MIGRATE_FROM calls it. */
  readonly url: string
  /** The environment that opens a store on it, in this process or in another one. */
  readonly env: Readonly<Record<string, string>>
  /** All that it holds, as text. */
  dump(): Promise<string>
  /** What the contract's `StoreUnderTest` says. */
  keep?(): Promise<() => Promise<void>>
  /** Every call fails from now on. */
  stop(): Promise<void>
  /** A server only: it accepts and never answers. */
  hang?(): Promise<void>
  /** All is well again. */
  start(): Promise<void>
  dispose(): Promise<void>
}

/** Two backends of one kind that share a prefix, as at a move, need a part each of the servers: the first or the second. */
export interface Place {
  readonly prefix?: string
  readonly half?: 0 | 1
}

const KEEP =
  "drop table if exists kept; create table kept as select * from sess_sessions where key not like '%epoch'"

const backends: Readonly<Record<string, (place: Place) => Promise<TestBackend>>> = {
  async file() {
    const directory = await mkdtemp(join(tmpdir(), 'sess-test-'))
    const sessions = join(directory, 'sessions')
    return {
      url: `file:${sessions}/`,
      env: { SESSION_STORE: 'file', SESSION_FILE_DIR: sessions },
      dump: async () => {
        const names = await readdir(sessions, { recursive: true, withFileTypes: true })
        const files = names
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name))
        return (await Promise.all(files.map(async (file) => `${file}\n${await readFile(file)}`))).join('\n')
      },
      async keep() {
        const names = await readdir(sessions, { recursive: true })
        const files = names
          .filter((name) => name.endsWith('.session.json'))
          .map((name) => join(sessions, name))
        for (const file of files) await cp(file, `${file}.kept`, { preserveTimestamps: true })
        return async () => {
          for (const file of files) await cp(`${file}.kept`, file, { preserveTimestamps: true, force: false })
        }
      },
      async stop() {
        await rename(sessions, `${sessions}.away`).catch(() => {}) // not there before the first session
        await writeFile(sessions, 'a file where the directory was')
      },
      async start() {
        await rm(sessions)
        await rename(`${sessions}.away`, sessions).catch(() => {})
      },
      dispose: () => rm(directory, { recursive: true }),
    }
  },

  async sqlite() {
    const directory = await mkdtemp(join(tmpdir(), 'sess-test-'))
    const file = join(directory, 'sessions.db')
    const alter = (from: string, to: string) => {
      const client = new Database(file, { timeout: 1000 })
      client.exec(`alter table sess_sessions rename column ${from} to ${to}`)
      client.close()
    }
    return {
      url: `file:${file}`,
      env: { SESSION_STORE: 'database', DATABASE_URL: `file:${file}` },
      dump: async () => {
        const client = new Database(file)
        const rows = client.prepare('select * from sess_sessions').all()
        client.close()
        return JSON.stringify(rows)
      },
      async keep() {
        const run = (statements: string) => {
          const client = new Database(file)
          client.exec(statements)
          client.close()
        }
        run(KEEP)
        return async () => run('insert or ignore into sess_sessions select * from kept')
      },
      stop: async () => alter('key', 'taken_away'),
      start: async () => alter('taken_away', 'key'),
      dispose: () => rm(directory, { recursive: true }),
    }
  },

  async postgres() {
    const database = await newPostgresDatabase()
    const gate = await openGate(addressOf(database.url))
    const url = through(gate, database.url)
    return {
      url,
      env: { SESSION_STORE: 'database', DATABASE_URL: url },
      async dump() {
        const client = new Client(database.url)
        await client.connect()
        const { rows } = await client.query('select * from sess_sessions')
        await client.end()
        return JSON.stringify(rows)
      },
      async keep() {
        const run = async (statements: string) => {
          const client = new Client(database.url)
          await client.connect()
          await client.query(statements)
          await client.end()
        }
        await run(KEEP)
        return () => run('insert into sess_sessions select * from kept on conflict do nothing')
      },
      stop: gate.stop,
      hang: gate.hang,
      start: gate.start,
      async dispose() {
        await gate.close()
        await database.drop()
      },
    }
  },

  async redis({ prefix = newPrefix(), half = 0 }) {
    const gate = await openGate(addressOf(redisUrl()))
    const url = new URL(through(gate, redisUrl()))
    url.pathname = `/${half}`
    return {
      url: url.href,
      env: { SESSION_STORE: 'redis', REDIS_URL: url.href, SESSION_PREFIX: prefix },
      async dump() {
        const client = await createClient({ url: redisUrl(), database: half }).connect()
        const keys = await client.keys(`${prefix}*`)
        const hashes = await Promise.all(keys.map(async (key) => ({ key, ...(await client.hGetAll(key)) })))
        client.destroy()
        return JSON.stringify(hashes)
      },
      async keep() {
        const client = await createClient({ url: redisUrl(), database: half }).connect()
        const keys = (await client.keys(`${prefix}*`)).filter((key) => key.length === prefix.length + 64)
        const kept = await Promise.all(keys.map(async (key) => ({ key, hash: await client.hGetAll(key) })))
        client.destroy()
        return async () => {
          const client = await createClient({ url: redisUrl(), database: half }).connect()
          for (const { key, hash } of kept) if (!(await client.exists(key))) await client.hSet(key, hash)
          client.destroy()
        }
      },
      stop: gate.stop,
      hang: gate.hang,
      start: gate.start,
      dispose: gate.close,
    }
  },

  async memcached({ prefix = newPrefix(), half }) {
    const all = memcachedServers()
    const servers = half === undefined ? all : all.slice(half, half + 1)
    const gates = await Promise.all(servers.map((server) => openGate(addressOf(`tcp://${server}`))))
    const each = (work: (gate: Gate) => Promise<void>) => async () =>
      void (await Promise.all(gates.map(work)))
    const list = gates.map(({ host, port }) => `${host}:${port}`).join()
    return {
      url: `memcached://${list}`,
      env: {
        SESSION_STORE: 'memcached',
        MEMCACHED_SERVERS: list,
        SESSION_PREFIX: prefix,
      },
      dump: async () =>
        (await Promise.all(servers.map((server) => memcachedDump(server, prefix)))).join('\n'),
      stop: each((gate) => gate.stop()),
      hang: each((gate) => gate.hang()),
      start: each((gate) => gate.start()),
      dispose: each((gate) => gate.close()),
    }
  },
}

export const backendNames = Object.keys(backends)

/** An empty backend. Whoever asked for it disposes of it. */
export async function createBackend(name: string, place: Place = {}): Promise<TestBackend> {
  const backend = await backends[name]?.(place)
  if (!backend) throw new Error(`There is no backend named ${name}.`)
  return backend
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port) }
}

function through(gate: Gate, url: string): string {
  const gated = new URL(url)
  gated.hostname = gate.host
  gated.port = String(gate.port)
  return gated.href
}
