/**
 * What `npm run db:migrate` works on: the database that DATABASE_URL names, in the environment or in .env files as Next
 * reads them. `npm run db:generate` needs no database and no configuration.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadEnvConfig } from '@next/env'
import { defineConfig } from 'drizzle-kit'

// By hand it is a developer's; where NODE_ENV says anything but development, the files are those of production.
const isDevelopment = (process.env.NODE_ENV || 'development') === 'development'
loadEnvConfig(process.cwd(), isDevelopment, {
  info() {},
  error: console.error,
})

const url = process.env.DATABASE_URL || 'file:./data/sessions.db'
const schema = './lib/session/stores/sql/table.ts'
const table = 'sess_migrations' // beside the migrations of an app that uses drizzle for its own tables

export default /^(?:postgres(?:ql)?:|socket:|\/)/.test(url)
  ? defineConfig({
      dialect: 'postgresql',
      schema,
      out: './drizzle/postgres',
      dbCredentials: { url },
      migrations: { table },
    })
  : defineConfig({
      dialect: 'sqlite',
      schema,
      out: './drizzle/sqlite',
      dbCredentials: { url: ownFile(url) },
      migrations: { table },
    })

/** The path of a `file:` URL; the file is made for its owner only, as the store makes it. */
function ownFile(url: string): string {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.replace(/^file:/, '')
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  return path
}
