import assert from 'node:assert/strict'
import { publicIdOf } from '../core/keys'
import { ENDED_MS } from '../core/limits'
import type { LoadedRecord, SessionRecord, SessionStore } from '../core/store'
import { type Adopting, canAdopt } from '../core/store'
import { encodeValue } from '../core/values'
import { canList } from '../stores/abilities'
import type { SessionTooLargeError } from '../stores/errors'
import { createToken } from '../stores/tokens'
import type { FakeClock } from './fake-clock'

/** What a store can do beyond keeping a record. All but the cookie store can do all of it. */
export interface StoreAbilities {
  /** It keeps an expiry for each record and can move it. */
  readonly expiry: boolean
  /** It notices that another request saved since the record was loaded. */
  readonly compareAndSwap: boolean
  /** It can end a session whose token is still out there. */
  readonly revocation: boolean
  /** It adopts sessions of other stores under the tokens that they have (`Adopting`). */
  readonly adopt: boolean
  /** Its backend is something outside the process, which can be looked into (`dump`) and can fail (`breakDown`). */
  readonly backend: boolean
  /** A record with this many bytes of data fits. */
  readonly dataBytes: number
  /** One with this many bytes of data does not. */
  readonly maxBytes: number
}

/** A store to be tested, empty, and alone on its backend. */
export interface StoreUnderTest {
  readonly store: SessionStore
  /** The clock that the store was given. */
  readonly clock: FakeClock
  /** All that the backend holds, as text. */
  readonly dump?: () => Promise<string>
  /** From now on every call of the backend fails. */
  readonly breakDown?: () => Promise<void>
  /** What another app sees on this backend, with the same prefix, cookie name and clock, and another secret. */
  readonly foreign?: SessionStore
  /**
   * Copies the sessions that the backend holds, and nothing else of it; the function that it returns puts back those that have gone
   * since, as if `destroyAll` had not met them. For stores that look at each session to end all of them.
   */
  readonly keep?: () => Promise<() => Promise<void>>
}

export interface StoreCase {
  readonly title: string
  readonly run: (subject: StoreUnderTest) => Promise<void>
}

const HOUR_MS = 3_600_000
const ALL: StoreAbilities = {
  expiry: true,
  compareAndSwap: true,
  revocation: true,
  adopt: true,
  backend: true,
  dataBytes: 1_000_000,
  maxBytes: 1_048_576,
}

/**
 * What every store must do, for any test runner:
 * `for (const { title, run } of storeContract()) test(title, async () => run(await openSubject()))`.
 * Each case wants a subject of its own. Cases that need an ability apply where it is claimed; where it is not, a case
 * checks that the store says so.
 */
export function storeContract(abilities: Partial<StoreAbilities> = {}): readonly StoreCase[] {
  const all = { ...ALL, ...abilities }
  return [
    ...common,
    keepsLargeRecord(all.dataBytes),
    refusesTooLarge(all.maxBytes),
    ...(all.expiry ? expiring : []),
    ...(all.compareAndSwap ? comparing : []),
    ...(all.revocation ? revoking : notRevoking),
    ...(all.adopt ? adopting : []),
    ...(all.backend ? outside : []),
  ]
}

const common: StoreCase[] = [
  {
    title: 'gives back the record it was given, in every script and with awkward keys',
    async run({ store, clock }) {
      const record = recordOf(clock, {
        visits: 1,
        ключ: '値 🎈',
        '': null,
        'a.b': [],
        0: 'zero',
        ['__proto__']: { x: 1 },
        '\0': 'zero \0 byte',
        '\ud83d': 'half a pair \udc00',
        '"\\\n': 'it\'s "quoted"\r\n',
      })
      const { token } = await store.create(record, clock.now() + HOUR_MS)
      assert.deepEqual((await loaded(store, token)).record, record)
    },
  },
  {
    title: 'keeps sessions apart and never issues a token twice',
    async run({ store, clock }) {
      const one = await createdIn(store, clock, { name: 'one' })
      const two = await createdIn(store, clock, { name: 'two' })
      assert.notEqual(one, two)
      assert.deepEqual((await loaded(store, one)).record, recordOf(clock, { name: 'one' }))
      assert.deepEqual((await loaded(store, two)).record, recordOf(clock, { name: 'two' }))
    },
  },
  {
    title: 'a write returns the version that a load then finds, and a next save needs no load',
    async run({ store, clock }) {
      let saved = await store.create(recordOf(clock, { n: 0 }), clock.now() + HOUR_MS)
      for (let n = 1; n <= 3; n++) {
        const { token, version } = saved
        assert.deepEqual((await loaded(store, token)).version, version)
        const updated = await store.update(token, recordOf(clock, { n }), clock.now() + HOUR_MS, version)
        assert.ok(typeof updated === 'object', `update returned ${String(updated)}`)
        saved = updated
      }
      assert.deepEqual((await loaded(store, saved.token)).record, recordOf(clock, { n: 3 }))
      assert.equal(await store.destroy(saved.token, saved.version), 'ok')
    },
  },
  {
    title: 'replaces a record: the token that an update returns opens the new one',
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { visits: 1 })
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
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { secret: true })
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
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      assert.equal(await store.destroy(token), 'ok')
      assert.equal(await store.destroy(token), 'ok')
    },
  },
  {
    title: 'a session that was destroyed a moment ago reads as ended, and nothing is stored for it',
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      assert.equal(await store.destroy(token, version), 'ok')
      clock.advance({ ms: ENDED_MS - 1 })
      assert.deepEqual(await store.load(token), { refused: 'ended' })
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.deepEqual(await store.load(token), { refused: 'ended' })
    },
  },
  {
    title: 'of two requests that end a session by its version, one succeeds',
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      assert.equal(await store.destroy(token, version), 'ok')
      assert.equal(await store.destroy(token, version), 'conflict')
    },
  },
  {
    title: 'refuses a record whose times cannot be, and allows a clock that is a minute ahead',
    async run({ store, clock }) {
      const now = clock.now()
      const load = async (createdAt: number, savedAt: number) => {
        const record = { ...recordOf(clock, {}), createdAt, savedAt }
        return store.load((await store.create(record, now + HOUR_MS)).token)
      }
      for (const [createdAt, savedAt] of [
        [now + 60_001, now + 60_001],
        [now, now + 60_001],
        [now, now - 1],
        [-1, now],
        [now + 0.5, now + 1],
        [8.64e15 + 1, 8.64e15 + 1],
      ] as const) {
        const found = await load(createdAt, savedAt)
        assert.ok('refused' in found, `made ${createdAt}, saved ${savedAt}`)
      }
      assert.ok('record' in (await load(now + 60_000, now + 60_000)))
    },
  },
]

function refusesTooLarge(maxBytes: number): StoreCase {
  return {
    title: `refuses a record with ${maxBytes} bytes of data, naming the heaviest key, and keeps the old one`,
    async run({ store, clock }) {
      const old = recordOf(clock, { note: 'small' })
      const { token } = await store.create(old, clock.now() + HOUR_MS)
      const { version } = await loaded(store, token)
      const large = recordOf(clock, { note: 'small', blob: 'x'.repeat(maxBytes) })
      const isTooLarge = (error: unknown) => {
        const { name, bytes, heaviestKeys } = error as SessionTooLargeError
        assert.equal(name, 'SessionTooLargeError', String(error))
        assert.ok(bytes > maxBytes, `${bytes} bytes`)
        assert.equal(heaviestKeys[0]?.key, 'blob')
        return true
      }
      await assert.rejects(store.create(large, clock.now() + HOUR_MS), isTooLarge)
      await assert.rejects(store.update(token, large, clock.now() + HOUR_MS, version), isTooLarge)
      if (canAdopt(store))
        await assert.rejects(store.adopt(createToken(), large, clock.now() + HOUR_MS), isTooLarge)
      const found = await loaded(store, token)
      assert.deepEqual([found.record, found.version], [old, version])
      if (canList(store)) assert.deepEqual(await store.count(), { live: 1, expired: 0 })
    },
  }
}

function keepsLargeRecord(dataBytes: number): StoreCase {
  return {
    title: `keeps a record with ${dataBytes} bytes of data, and replaces it by one`,
    async run({ store, clock }) {
      const record = recordOf(clock, { text: 'x'.repeat(dataBytes / 2), more: 'é'.repeat(dataBytes / 4) })
      const { token } = await store.create(record, clock.now() + HOUR_MS)
      const { record: stored, version } = await loaded(store, token)
      assert.deepEqual(stored, record)
      const longer = recordOf(clock, { text: 'y'.repeat(dataBytes) })
      const updated = await store.update(token, longer, clock.now() + HOUR_MS, version)
      assert.ok(typeof updated === 'object', `update answered ${String(updated)}`)
      assert.deepEqual((await loaded(store, updated.token)).record, longer)
    },
  }
}

const expiring: StoreCase[] = [
  {
    title: 'says when a record expires, and refuses it from that moment on',
    async run({ store, clock }) {
      const expiresAt = clock.now() + HOUR_MS
      const { token } = await store.create(recordOf(clock, {}), expiresAt)
      assert.equal((await loaded(store, token)).expiresAt, expiresAt)
      clock.advance({ ms: HOUR_MS - 1 })
      await loaded(store, token)
      clock.advance({ ms: 1 })
      assert.ok('refused' in (await store.load(token)))
    },
  },
  {
    title: 'moves the expiry of a live record and leaves its data alone',
    async run({ store, clock }) {
      const record = recordOf(clock, { visits: 1 })
      const { token } = await store.create(record, clock.now() + HOUR_MS)
      const later = clock.now() + 2 * HOUR_MS
      assert.equal(await store.touch(token, later), true)
      const { record: same, expiresAt } = await loaded(store, token)
      assert.deepEqual({ same, expiresAt }, { same: record, expiresAt: later })
    },
  },
  {
    title: 'a touch in between does not make a save conflict',
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { visits: 1 })
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
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      clock.advance({ ms: HOUR_MS })
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.ok('refused' in (await store.load(token)))
    },
  },
  {
    title: 'a save sets the expiry that it is given, also an earlier one',
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      await store.touch(token, clock.now() + 3 * HOUR_MS)
      const { version } = await loaded(store, token)
      const earlier = clock.now() + HOUR_MS / 2
      await store.update(token, recordOf(clock, {}), earlier, version)
      assert.equal((await loaded(store, token)).expiresAt, earlier)
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), true)
      assert.equal((await loaded(store, token)).expiresAt, clock.now() + HOUR_MS)
    },
  },
  {
    title: 'treats junk as the token of no session',
    async run({ store, clock }) {
      for (const junk of ['', 'x', '../../etc/passwd', '\0', 'A'.repeat(43), 'A'.repeat(100_000)]) {
        const said = [
          await store.touch(junk, clock.now() + HOUR_MS),
          await store.update(junk, recordOf(clock, {}), clock.now() + HOUR_MS, 'a version'),
          await store.destroy(junk),
          await store.destroy(junk, 'a version'),
        ]
        assert.deepEqual(said, [false, 'gone', 'ok', 'conflict'], JSON.stringify(junk.slice(0, 50)))
        assert.ok('refused' in (await store.load(junk)))
      }
    },
  },
]

const comparing: StoreCase[] = [
  {
    title: 'returns conflict to a save that is based on an old version, and keeps the newer record',
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { by: 'no visitor' })
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
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      const save = (by: number) =>
        store.update(token, recordOf(clock, { by }), clock.now() + HOUR_MS, version)
      const results = await Promise.all(Array.from({ length: 10 }, (_, by) => save(by)))
      assert.equal(results.filter((result) => typeof result === 'object').length, 1)
    },
  },
  {
    title: 'destroys with a version only if no other request saved since, and not if the record is gone',
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { by: 'no visitor' })
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
    title: 'lists what lives, at most so many, and ends one of them, where it can list',
    async run({ store, clock }) {
      if (!canList(store)) return
      const { token: dead } = await store.create(recordOf(clock, { n: 0 }), clock.now() + 1000)
      clock.advance({ seconds: 2 })
      const tokens = [1, 2, 3].map((n) => createdIn(store, clock, { n }))
      const [one = '', ...others] = await Promise.all(tokens)
      const listed = await store.list(10)
      assert.deepEqual(listed.map(({ publicId }) => publicId).sort(), [one, ...others].map(publicIdOf).sort())
      for (const { createdAt, savedAt, expiresAt, bytes } of listed) {
        assert.deepEqual([createdAt, savedAt, expiresAt], [clock.now(), clock.now(), clock.now() + HOUR_MS])
        assert.ok(bytes > 0)
      }
      assert.equal((await store.list(2)).length, 2)

      const { name = '' } = listed.find(({ publicId }) => publicId === publicIdOf(one)) ?? {}
      assert.ok('refused' in (await store.load(name)), 'a name must not open a session')
      for (let time = 0; time < 2; time++) await store.destroyNamed(name)
      await store.destroyNamed('../../no-such-key')
      assert.ok('refused' in (await store.load(one)))
      assert.ok('refused' in (await store.load(dead)))
      for (const other of others) await loaded(store, other)
      assert.equal((await store.list(10)).length, 2)
    },
  },
  {
    title: 'a load during many saves gets one of the records, whole, and never none',
    async run({ store, clock }) {
      const filler = 'x'.repeat(20_000)
      const record = (n: number) => recordOf(clock, { n, start: filler + n, end: filler + n })
      const { token } = await store.create(record(0), clock.now() + HOUR_MS)
      let isSaving = true
      const readers = [1, 2].map(async () => {
        while (isSaving) {
          const { data } = (await loaded(store, token)).record
          const n = Number(data.get('n') && JSON.parse(data.get('n') as string)[0])
          assert.deepEqual(data, record(n).data)
        }
      })
      for (let n = 1; n <= 20; n++) {
        const { version } = await loaded(store, token)
        await store.update(token, record(n), clock.now() + HOUR_MS, version)
      }
      isSaving = false
      await Promise.all(readers)
    },
  },
  {
    title: 'touches that meet saves lose none of them',
    async run({ store, clock }) {
      const token = await createdIn(store, clock, { n: 0 })
      for (let n = 1; n <= 10; n++) {
        const { version } = await loaded(store, token)
        const [updated] = await Promise.all([
          store.update(token, recordOf(clock, { n }), clock.now() + HOUR_MS, version),
          store.touch(token, clock.now() + 2 * HOUR_MS),
          store.touch(token, clock.now() + 3 * HOUR_MS),
        ])
        assert.ok(typeof updated === 'object', `update answered ${String(updated)}`)
        assert.deepEqual((await loaded(store, token)).record, recordOf(clock, { n }))
      }
    },
  },
  {
    title: 'a destroy that meets saves and touches ends the session for good',
    async run({ store, clock }) {
      for (let n = 0; n < 10; n++) {
        const token = await createdIn(store, clock)
        const { version } = await loaded(store, token)
        await Promise.all([
          store.touch(token, clock.now() + HOUR_MS),
          store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version),
          store.destroy(token),
          store.touch(token, clock.now() + HOUR_MS),
          store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version),
        ])
        assert.deepEqual(await store.load(token), { refused: 'ended' })
        assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      }
    },
  },
  {
    title: 'a destroyed session is gone: no load, touch or update brings it back',
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      await store.destroy(token)
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      clock.advance({ ms: ENDED_MS })
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.deepEqual(await store.load(token), { refused: 'unknown' })
    },
  },
  {
    title: 'what ended is unknown after a minute, however often it is destroyed again',
    async run({ store, clock }) {
      const tokens = await Promise.all([1, 2].map((n) => createdIn(store, clock, { n })))
      for (const token of tokens) assert.equal(await store.destroy(token), 'ok')
      clock.advance({ ms: ENDED_MS / 2 })
      for (const token of tokens) assert.equal(await store.destroy(token), 'ok')
      clock.advance({ ms: ENDED_MS / 2 - 1 })
      await store.sweep?.(clock.now(), 100)
      for (const token of tokens) assert.deepEqual(await store.load(token), { refused: 'ended' })
      clock.advance({ ms: 1 })
      for (const token of tokens) assert.deepEqual(await store.load(token), { refused: 'unknown' })
      await store.sweep?.(clock.now(), 100)
      for (const token of tokens) assert.deepEqual(await store.load(token), { refused: 'unknown' })
    },
  },
  {
    title: 'what ended is neither counted nor listed',
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const other = await createdIn(store, clock)
      await store.destroy(token)
      for (const ms of [0, ENDED_MS]) {
        clock.advance({ ms })
        if (canList(store)) {
          assert.deepEqual(await store.count(), { live: 1, expired: 0 })
          const listed = await store.list(10)
          assert.deepEqual(
            listed.map(({ publicId }) => publicId),
            [publicIdOf(other)],
          )
        }
      }
    },
  },
  {
    title: 'only a live session leaves a mark when it is destroyed',
    async run({ store, clock }) {
      const never = createToken()
      await store.destroy(never)
      assert.deepEqual(await store.load(never), { refused: 'unknown' })
      const token = await createdIn(store, clock)
      clock.advance({ ms: HOUR_MS })
      await store.destroy(token)
      const found = await store.load(token)
      assert.ok('refused' in found && found.refused !== 'ended', JSON.stringify(found))
    },
  },
  {
    title: 'the mark of a session that ended can be taken away, and its record put back under the same token',
    async run({ store, clock }) {
      if (!canAdopt(store)) return
      const record = recordOf(clock, { n: 1 })
      const { token } = await store.create(record, clock.now() + HOUR_MS)
      await store.destroy(token, (await loaded(store, token)).version)
      assert.equal(await store.adopt(token, record, clock.now() + HOUR_MS), 'conflict')
      assert.equal(await store.destroy(token, undefined, 'unmarked'), 'ok')
      assert.deepEqual(await store.load(token), { refused: 'unknown' })
      await adopted(store, token, record, clock.now() + HOUR_MS)
      assert.deepEqual((await loaded(store, token)).record, record)
    },
  },
  {
    title: 'leaves no mark where none is wanted, nor where an operator ends sessions',
    async run({ store, clock }) {
      const create = (n: number) => createdIn(store, clock, { n })
      const [one, two, three, four] = [await create(1), await create(2), await create(3), await create(4)]
      await store.destroy(one, undefined, 'unmarked')
      await store.destroy(two, (await loaded(store, two)).version, 'unmarked')
      assert.deepEqual(await store.load(one), { refused: 'unknown' })
      assert.deepEqual(await store.load(two), { refused: 'unknown' })
      if (canList(store)) {
        const listed = (await store.list(10)).find(({ publicId }) => publicId === publicIdOf(three))
        await store.destroyNamed(listed?.name ?? '')
        assert.deepEqual(await store.load(three), { refused: 'unknown' })
      }
      await store.destroyAll()
      assert.deepEqual(await store.load(four), { refused: 'unknown' })
    },
  },
  {
    title:
      'a session of another app on the same backend opens nothing, and is neither listed nor ended by its name',
    async run({ store, clock, foreign }) {
      if (!foreign) return
      const record = recordOf(clock, { app: 'another' })
      const { token } = await foreign.create(record, clock.now() + HOUR_MS)
      assert.ok('refused' in (await store.load(token)))
      if (canList(store) && canList(foreign)) {
        assert.deepEqual(await store.list(10), [])
        const [listed] = await foreign.list(10)
        await store.destroyNamed(listed?.name ?? '')
      }
      assert.deepEqual((await loaded(foreign, token)).record, record)
    },
  },
  {
    title:
      "ends everyone's sessions under way: what was loaded before is neither saved, touched nor regenerated",
    async run({ store, clock }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      await store.destroyAll()
      const moved = await createdIn(store, clock)
      assert.equal(await store.destroy(token, version), 'conflict')
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
      assert.equal(await store.touch(token, clock.now() + HOUR_MS), false)
      assert.deepEqual(await store.load(token), { refused: 'unknown' })
      await loaded(store, moved)
    },
  },
  {
    title: "what a look at all sessions did not meet is dead all the same when everyone's were ended",
    async run({ store, clock, keep }) {
      if (!keep) return
      const create = () => createdIn(store, clock)
      for (let time = 0; time < 2; time++) {
        const tokens = [await create(), await create(), await create()] as const
        const [token] = tokens
        const { version } = await loaded(store, token)
        const putBack = await keep()
        await store.destroyAll()
        await putBack()
        for (const each of tokens) assert.deepEqual(await store.load(each), { refused: 'unknown' })
        if (canList(store)) {
          assert.equal((await store.count()).live, 0)
          assert.deepEqual(await store.list(10), [])
        }
        assert.equal(await store.touch(token, clock.now() + 2 * HOUR_MS), false)
        assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'gone')
        await putBack()
        assert.equal(await store.destroy(token, version), 'conflict')
        assert.deepEqual(await store.load(token), { refused: 'unknown' })
        await store.destroyAll()
      }
      await loaded(store, await create())
    },
  },
  {
    title: "ends everyone's sessions, and starts new ones as before",
    async run({ store, clock }) {
      const tokens = await Promise.all([1, 2, 3].map((n) => createdIn(store, clock, { n })))
      await store.destroyAll()
      for (const token of tokens) assert.ok('refused' in (await store.load(token)))
      await loaded(store, await createdIn(store, clock))
    },
  },
]

const adopting: StoreCase[] = [
  {
    title: 'takes over a session of another store under its own token, once',
    async run({ store, clock }) {
      const token = createToken()
      const expiresAt = clock.now() + HOUR_MS
      assert.ok(canAdopt(store))
      await adopted(store, token, recordOf(clock, { from: 'elsewhere' }), expiresAt)
      assert.equal(await store.adopt(token, recordOf(clock, { from: 'late' }), expiresAt), 'conflict')
      const found = await loaded(store, token)
      assert.deepEqual(found.record, recordOf(clock, { from: 'elsewhere' }))
      assert.equal(found.expiresAt, expiresAt)
    },
  },
  {
    title: 'a version of an earlier life of a session compares with nothing',
    async run({ store, clock }) {
      assert.ok(canAdopt(store))
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      await store.destroy(token)
      assert.equal(await store.adopt(token, recordOf(clock, {}), clock.now() + HOUR_MS), 'conflict')
      clock.advance({ ms: ENDED_MS })
      await adopted(store, token, recordOf(clock, { life: 2 }), clock.now() + HOUR_MS)
      assert.equal(await store.update(token, recordOf(clock, {}), clock.now() + HOUR_MS, version), 'conflict')
      assert.equal(await store.destroy(token, version), 'conflict')
      assert.deepEqual((await loaded(store, token)).record, recordOf(clock, { life: 2 }))
    },
  },
]

const notRevoking: StoreCase[] = [
  {
    title: "says that it cannot end everyone's sessions, and what can",
    async run({ store }) {
      await assert.rejects(store.destroyAll(), { name: 'SessionUnsupportedError', message: /SESSION_EPOCH/ })
    },
  },
]

const outside: StoreCase[] = [
  {
    title: 'keeps no token, and what it keeps instead opens nothing',
    async run({ store, clock, dump }) {
      const token = await createdIn(store, clock, { user: 'ada' })
      await store.touch(token, clock.now() + 2 * HOUR_MS)
      const { version } = await loaded(store, token)
      await store.update(token, recordOf(clock, { user: 'grace' }), clock.now() + HOUR_MS, version)
      const kept = (await dump?.()) ?? ''
      assert.match(kept, /grace/)
      assert.ok(!kept.includes(token), 'the token is there in clear')
      for (const name of new Set(kept.match(/[\w-]{16,}/g))) {
        assert.ok('refused' in (await store.load(name)), `${name} opens a session`)
      }
    },
  },
  {
    title: 'leaves nothing of a session behind that was destroyed',
    async run({ store, clock, dump }) {
      // With a space: the mark that stays has a name in hexadecimal, which may spell shorter words.
      const token = await createdIn(store, clock, { user: 'ada lovelace' })
      await store.touch(token, clock.now() + 2 * HOUR_MS)
      assert.match((await dump?.()) ?? '', /ada lovelace/)
      await store.destroy(token)
      await store.touch(token, clock.now() + 2 * HOUR_MS)
      assert.doesNotMatch((await dump?.()) ?? '', /ada lovelace/)
    },
  },
  {
    title: 'a backend that fails is an error of each call, never an answer',
    async run({ store, clock, breakDown }) {
      const token = await createdIn(store, clock)
      const { version } = await loaded(store, token)
      await breakDown?.()
      const record = recordOf(clock, { late: true })
      const calls = {
        load: () => store.load(token),
        create: () => store.create(record, clock.now() + HOUR_MS),
        update: () => store.update(token, record, clock.now() + HOUR_MS, version),
        touch: () => store.touch(token, clock.now() + HOUR_MS),
        destroy: () => store.destroy(token),
        'destroy with a version': () => store.destroy(token, version),
        destroyAll: () => store.destroyAll(),
      }
      for (const [name, call] of Object.entries(calls)) {
        await assert.rejects(call, { name: 'SessionStoreError' }, name)
      }
    },
  },
]

function recordOf(clock: FakeClock, data: Record<string, unknown>): SessionRecord {
  const encoded = Object.entries(data).map(([key, value]) => [key, encodeValue(key, value)] as const)
  return { createdAt: clock.now(), savedAt: clock.now(), avoidTouch: false, data: new Map(encoded) }
}

/** Creates a session of one hour; returns its token. */
async function createdIn(
  store: SessionStore,
  clock: FakeClock,
  data: Record<string, unknown> = {},
): Promise<string> {
  return (await store.create(recordOf(clock, data), clock.now() + HOUR_MS)).token
}

/** Adopts a session, which is then there under its own token with the version that it is said to have. */
async function adopted(
  store: SessionStore & Adopting,
  token: string,
  record: SessionRecord,
  expiresAt: number,
): Promise<void> {
  const saved = await store.adopt(token, record, expiresAt)
  assert.ok(typeof saved === 'object', `adopt returned ${saved}`)
  const { version } = await loaded(store, token)
  assert.deepEqual(saved, { token, version })
}

async function loaded(store: SessionStore, token: string): Promise<LoadedRecord> {
  const result = await store.load(token)
  assert.ok(!('refused' in result), `refused: ${'refused' in result ? result.refused : ''}`)
  return result
}
