// A server on the SQLite file in its first argument: it saves a session, or opens and closes the file as a watcher does.
import { closeSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { openStoreByEnvironment } from './backends'

const file = process.argv[2] ?? ''
const store = await openStoreByEnvironment(
  { SESSION_STORE: 'database', DATABASE_URL: `file:${file}` },
  Date.now,
)
const record = { createdAt: 1, savedAt: 1, avoidTouch: false, data: new Map() }

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'save') {
    await store.create(record, Date.now() + 3_600_000)
    console.log('saved')
  } else {
    for (const name of [file, `${file}-wal`, `${file}-shm`]) closeSync(openSync(name, 'r'))
    console.log('looked')
  }
}
