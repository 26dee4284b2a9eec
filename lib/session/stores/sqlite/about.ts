import { resolve } from 'node:path'
import type { StoreAbout } from '../about'
import { filePathOf } from '../url'

export interface SqliteOptions {
  readonly kind: 'sqlite'
  readonly file: string
}

export const about: StoreAbout<SqliteOptions> = {
  kind: 'sqlite',
  name: 'database',
  label: 'SQLite',
  hint: 'one database file, made when it is missing; one machine',
  packages: ['better-sqlite3', 'drizzle-orm'],
  typePackages: ['@types/better-sqlite3'],
  sharedFolders: ['sql', 'disk'],
  variables: {
    DATABASE_URL: {
      rule: 'file: and a path (SQLite)',
      example: 'file:./data/sessions.db',
      default: 'file:./data/sessions.db',
      isValid: (text) => read(text) !== undefined,
    },
  },
  url: { example: 'file:./old.db (SQLite)', read },
  options: ({ DATABASE_URL = '' }) => ({ kind: 'sqlite', file: filePathOf(DATABASE_URL) ?? '' }),
  show: ({ file }) => ({ DATABASE_URL: `file:${file}` }),
  place: ({ file }) => [resolve(file)],
  open: () => import('./open'),
}

function read(url: string): SqliteOptions | undefined {
  const file = filePathOf(url)
  return file !== undefined && !file.endsWith('/') && file !== ':memory:'
    ? { kind: 'sqlite', file }
    : undefined
}
