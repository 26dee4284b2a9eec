import assert from 'node:assert/strict'
import { encodeValue } from '../codec'
import type { LoadedRecord, SessionRecord, SessionStore } from '../store'
import type { FakeClock } from './fake-clock'

/** What a store can do beyond keeping a record. All but the cookie store can do all of it. */
export interface StoreAbilities {
  /** It keeps an expiry for each record and can move it. */
  readonly expiry: boolean
  /** It notices that somebody else saved since the record was loaded. */
  readonly compareAndSwap: boolean
  /** It can end a session whose token is still out there. */
  readonly revocation: boolean
}

export interface StoreCase {
  readonly title: string
  readonly run: (store: SessionStore, clock: FakeClock) => Promise<void>
}

const HOUR_MS = 3_600_000
const ALL: StoreAbilities = { expiry: true, compareAndSwap: true, revocation: true }

/**
 * What every store must do, for any test runner:
 * `for (const { title, run } of storeContract()) test(title, () => run(openStore(clock), clock))`.
 * Each case wants an empty store of its own. Cases that need an ability apply where it is claimed; where it is not,
 * a case checks that the store says so.
 */
export function storeContract(abilities: StoreAbilities = ALL): readonly StoreCase[] {
  return [
    ...common,
    ...(abilities.expiry ? expiring : []),
    ...(abilities.compareAndSwap ? comparing : []),
    ...(abilities.revocation ? revoking : notRevoking),
  ]
}

const common: StoreCase[] = [
  {
    title: 'gives back the record it was given, in every script and with awkward keys',
    async run(store, clock) {
      const record = recordOf(clock, {
        visits: 1,
        ключ: '値 🎈',
        '': null,
        'a.b': [],
        0: 'zero',
        ['__proto__']: { x: 1 },
      })
      const token = await store.create(record, clock.now() + HOUR_MS)
      assert.deepEqual((await loaded(store, token)).record, record)
    },
  },
  {
    title: 'keeps sessions apart and never issues a token twice',
    async run(store, clock) {
      const one = await store.create(recordOf(clock, { name: 'one' }), clock.now() + HOUR_MS)
      const two = await store.create(recordOf(clock, { name: 'two' }), clock.now() + HOUR_MS)
      assert.notEqual(one, two)
      assert.deepEqual((await loaded(store, one)).record, recordOf(clock, { name: 'one' }))
      assert.deepEqual((await loaded(store, two)).record, recordOf(clock, { name: 'two' }))
    },
  },
  {
    title: 'replaces a record: the token it answers opens the new one',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, { visits: 1 }), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      const updated = await store.update(
        token,
        recordOf(clock, { visits: 2 }),
        clock.now() + HOUR_MS,
        version,
      )
      assert.ok(typeof updated === 'object', `update answered ${String(updated)}`)
      assert.deepEqual((await loaded(store, updated.token)).record, recordOf(clock, { visits: 2 }))
    },
  },
  {
    title: 'refuses junk with a reason and never throws',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, { secret: true }), clock.now() + HOUR_MS)
      const junk = [
        '',
        ' ',
        'x',
        '../../etc/passwd',
        '💥',
        `${token}x`,
        token.slice(0, -1),
        token.slice(1),
        '\0',
        '~2',
      ]
      for (const text of [...junk, `${token}~2`, 'A'.repeat(43), 'A'.repeat(1_000_000)]) {
        const result = await store.load(text)
        assert.ok('refused' in result, `${JSON.stringify(text.slice(0, 60))} opened a session`)
      }
    },
  },
  {
    title: 'destroys a session twice without complaint',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, {}), clock.now() + HOUR_MS)
      assert.equal(await store.destroy(token), 'ok')
      assert.equal(await store.destroy(token), 'ok')
    },
  },
]

const expiring: StoreCase[] = [
  {
    title: 'says when a record expires, and refuses it from that moment on',
    async run(store, clock) {
      const expiresAt = clock.now() + HOUR_MS
      const token = await store.create(recordOf(clock, {}), expiresAt)
      assert.equal((await loaded(store, token)).expiresAt, expiresAt)
      clock.advance({ ms: HOUR_MS - 1 })
      await loaded(store, token)
      clock.advance({ ms: 1 })
      assert.ok('refused' in (await store.load(token)))
    },
  },
  {
    title: 'moves the expiry of a live record and leaves its data alone',
    async run(store, clock) {
      const record = recordOf(clock, { visits: 1 })
      const token = await store.create(record, clock.now() + HOUR_MS)
      const later = clock.now() + 2 * HOUR_MS
      assert.equal(await store.touch(token, later), true)
      const { record: same, expiresAt } = await loaded(store, token)
      assert.deepEqual({ same, expiresAt }, { same: record, expiresAt: later })
    },
  },
  {
    title: 'a touch in between does not make a save conflict',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, { visits: 1 }), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      await store.touch(token, clock.now() + 2 * HOUR_MS)
      const updated = await store.update(
        token,
        recordOf(clock, { visits: 2 }),
        clock.now() + HOUR_MS,
        version,
      )
      assert.ok(typeof updated === 'object', `update answered ${String(updated)}`)
    },
  },
  {
    title: 'neither touches nor updates what has expired',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, {}), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      clock.advance({ ms: HOUR_MS })
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.ok('refused' in (await store.load(token)))
    },
  },
]

const comparing: StoreCase[] = [
  {
    title: 'answers conflict to a save that is based on an old version, and keeps the newer record',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, { by: 'nobody' }), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      await store.update(token, recordOf(clock, { by: 'first' }), clock.now() + HOUR_MS, version)
      const second = await store.update(
        token,
        recordOf(clock, { by: 'second' }),
        clock.now() + HOUR_MS,
        version,
      )
      assert.equal(second, 'conflict')
      assert.deepEqual((await loaded(store, token)).record, recordOf(clock, { by: 'first' }))
    },
  },
  {
    title: 'lets exactly one of many saves of the same version win',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, {}), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      const save = (by: number) =>
        store.update(token, recordOf(clock, { by }), clock.now() + HOUR_MS, version)
      const results = await Promise.all(Array.from({ length: 10 }, (_, by) => save(by)))
      assert.equal(results.filter((result) => typeof result === 'object').length, 1)
    },
  },
  {
    title: 'destroys with a version only if nobody saved since, and not if the record is gone',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, { by: 'nobody' }), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      await store.update(token, recordOf(clock, { by: 'first' }), clock.now() + HOUR_MS, version)
      assert.equal(await store.destroy(token, version), 'conflict')
      const { version: newer } = await loaded(store, token)
      assert.equal(await store.destroy(token, newer), 'ok')
      assert.equal(await store.destroy(token, newer), 'conflict')
    },
  },
]

const revoking: StoreCase[] = [
  {
    title: 'a destroyed session is gone: no load, touch or update brings it back',
    async run(store, clock) {
      const token = await store.create(recordOf(clock, {}), clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      await store.destroy(token)
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.deepEqual(await store.load(token), { refused: 'unknown' })
    },
  },
  {
    title: "ends everyone's sessions, and starts new ones as before",
    async run(store, clock) {
      const tokens = await Promise.all(
        [1, 2, 3].map(() => store.create(recordOf(clock, {}), clock.now() + HOUR_MS)),
      )
      await store.destroyAll()
      for (const token of tokens) assert.ok('refused' in (await store.load(token)))
      await loaded(store, await store.create(recordOf(clock, {}), clock.now() + HOUR_MS))
    },
  },
]

const notRevoking: StoreCase[] = [
  {
    title: "says that it cannot end everyone's sessions, and what can",
    async run(store) {
      await assert.rejects(store.destroyAll(), { name: 'SessionUnsupportedError', message: /SESSION_EPOCH/ })
    },
  },
]

function recordOf(clock: FakeClock, data: Record<string, unknown>): SessionRecord {
  const encoded = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: clock.now(), savedAt: clock.now(), avoidTouch: false, data: new Map(encoded) }
}

async function loaded(store: SessionStore, token: string): Promise<LoadedRecord> {
  const result = await store.load(token)
  assert.ok(!('refused' in result), `refused: ${'refused' in result ? result.refused : ''}`)
  return result
}
