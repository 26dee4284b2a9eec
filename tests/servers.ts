import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/**
 * The real servers that `npm test` has started or found (`scripts/servers.mjs`). A test that needs one fails without
 * it: a store that nobody tried is not a store that works.
 */
export const redisUrl = () => required('TEST_REDIS_URL')
/** host:port of two servers at least. */
export const memcachedServers = () => required('TEST_MEMCACHED_SERVERS').split(',')
export const postgresUrl = () => required('TEST_POSTGRES_URL')

/** A key prefix that no other test uses. */
export function newPrefix(): string {
  return `test-${randomBytes(6).toString('hex')}:`
}

/** The URL of an empty database of its own on the PostgreSQL server, and how to drop it. */
export async function newPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name}`)
  const url = new URL(postgresUrl())
  url.pathname = `/${name}`
  return { url: url.href, drop: () => administer(`drop database ${name} with (force)`) }
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: postgresUrl() })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: run the tests with "npm test", which starts the servers.`)
  return value
}
