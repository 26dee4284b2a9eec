import { guardStore } from '@/lib/session/stores/guard'
import { createRedisClient, createRedisStore } from '@/lib/session/stores/redis'
import { createTestRecords } from '@/lib/session/testing/test-records'

/** What a test asks of another process: nothing keeps it alive but what the client leaves open. */
export interface WorkerTask {
  readonly url: string
  readonly prefix: string
  readonly job: 'create a client' | 'use and close' | 'close while connecting'
}

const { url, prefix, job }: WorkerTask = JSON.parse(process.argv[2] ?? '')
const client = createRedisClient({ url, timeoutMs: 30_000 })
const records = createTestRecords(Date.now)
const store = guardStore(createRedisStore({ client, prefix, records, now: Date.now }), 600_000)

if (job === 'use and close') {
  const now = Date.now()
  const record = { createdAt: now, savedAt: now, avoidTouch: false, data: new Map() }
  const { token } = await store.create(record, now + 60_000)
  console.log('record' in (await store.load(token)) ? 'loaded' : 'refused')
  await store.destroy(token)
  client.destroy()
}
if (job === 'close while connecting') {
  const failed = store.load('A'.repeat(43)).catch((error) => console.log(error.cause.message))
  client.destroy()
  await failed
}
