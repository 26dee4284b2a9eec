import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createFileStore } from '@/lib/session/stores/file'
import { storageKey } from '@/lib/session/stores/tokens'
import { createFakeClock } from '@/lib/session/testing/fake-clock'
import { createTestRecords } from '@/lib/session/testing/test-records'

const HOUR_MS = 3_600_000

async function openStore() {
  const home = await mkdtemp(join(tmpdir(), 'sess-file-inspect-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const directory = join(home, 'sessions')
  const clock = createFakeClock()
  const store = createFileStore({ directory, records: createTestRecords(clock.now), now: clock.now })
  const create = async () => {
    const record = { createdAt: clock.now(), savedAt: clock.now(), avoidTouch: false, data: new Map() }
    const key = storageKey((await store.create(record, clock.now() + HOUR_MS)).token)
    return join(directory, key.slice(0, 2), `${key}.session.json`)
  }
  const inspect = async () => (await store.inspect?.()) ?? []
  return { directory, clock, store, create, inspect }
}

test('the file store counts the live and the expired, and nothing that is not a session', async () => {
  const { clock, store, create } = await openStore()
  expect(await store.count?.()).toEqual({ live: 0, expired: 0 })
  await create()
  clock.advance({ ms: HOUR_MS })
  const file = await create()
  await create()
  await writeFile(`${file}.bak`, '')
  expect(await store.count?.()).toEqual({ live: 2, expired: 1 })
})

test('an inspection of a directory in order finds nothing to warn of', async () => {
  const { create, inspect, directory } = await openStore()
  expect(await inspect()).toEqual([{ level: 'ok', text: expect.stringContaining('is not there yet') }])
  await create()
  const text = `${directory}: 1 live, 0 expired.`
  expect(await inspect()).toEqual([{ level: 'ok', text }])
})

test('an inspection names open permissions, foreign entries and what a crash left, and keeps them', async () => {
  const { create, inspect, directory } = await openStore()
  const file = await create()
  await chmod(file, 0o644)
  await chmod(dirname(file), 0o750)
  await writeFile(join(directory, 'README'), '')
  await mkdir(`${file}.lock`)
  const findings = await inspect()
  expect(findings.slice(1)).toEqual([
    { level: 'warning', text: expect.stringContaining('access to 2 of its files') },
    { level: 'warning', text: expect.stringContaining('Not of this store, and left alone: 1') },
    { level: 'ok', text: expect.stringContaining('Locks and unfinished files: 1') },
  ])
  expect(await inspect()).toEqual(findings)
})

test('an inspection by another user than the owner of the directory is a problem', async () => {
  const { create, inspect } = await openStore()
  await create()
  vi.spyOn(process, 'getuid').mockReturnValue(4_000_000)
  expect(await inspect()).toContainEqual({
    level: 'problem',
    text: expect.stringContaining('Run this as that user'),
  })
})
