import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findPrograms } from '../../scripts/programs.mjs'

test('a program of the newest PostgreSQL comes first, wherever its packages put it', async () => {
  const root = await mkdtemp(join(tmpdir(), 'sess-programs-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const [debian = '', usr = ''] = ['debian', 'usr'].map((name) => join(root, name))
  const folders = [
    'debian/9.6',
    'debian/17',
    'usr/pgsql-16',
    'usr/pgsql-9.4',
    'usr/postgresql',
    'usr/local',
  ].map((name) => join(root, name, 'bin'))
  for (const folder of folders) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'initdb-of-test'), '', { mode: 0o755 })
  }

  expect(findPrograms(['initdb-of-test'], [debian, usr, join(root, 'absent')])).toEqual(
    ['debian/17', 'usr/pgsql-16', 'debian/9.6', 'usr/pgsql-9.4', 'usr/postgresql'].map((name) =>
      join(root, name, 'bin/initdb-of-test'),
    ),
  )
})
