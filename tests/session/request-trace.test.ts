import { describe, expect, test } from 'vitest'
import { createKeyring, sign } from '@/lib/session/core/keys'
import { TestBrowser } from '@/lib/session/testing/test-browser'
import { TEST_SECRET, type TestSite } from '@/lib/session/testing/test-site'
import { tracing } from '@/lib/session/trace'
import { readTrace, sealTrace } from '@/lib/session/trace/sealed-trace'
import type { RequestTrace, WatchedRequest } from '@/lib/session/tracing'
import { cookieSite, describeEachStore, memorySite } from './each-store'

/** One request that is traced: what it did, without the timings. */
async function traced(site: TestSite, browser: TestBrowser) {
  let watched: WatchedRequest | undefined
  const session = await site.open(browser, {
    change(context) {
      watched = tracing.watch(context, { trace: true, lines: false })
      return watched.context
    },
  })
  const trace = () => watched?.trace() as RequestTrace
  return { session, trace, calls: () => trace().steps.map(({ call, answer }) => `${call} ${answer}`) }
}

describeEachStore('the trace of a request', (openSite) => {
  test('tells the first save: a record was created and two cookies went out', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const { session, calls, trace } = await traced(site, browser)
    await session.set('a', 1).save()

    expect(calls()).toEqual(['create stored'])
    expect(trace().operations).toEqual([{ name: 'save', outcome: 'saved' }])
    expect(trace().cookies).toEqual(
      browser.received.map(({ name, value, attributes }) => ({
        name,
        start: value.slice(0, 6),
        bytes: name.length + value.length,
        attributes,
      })),
    )
    for (const { ms } of trace().steps) expect(ms).toBeGreaterThanOrEqual(0)
  })

  test('tells a later save, a save without changes, and the end', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    await (await site.open(browser)).set('a', 1).save()

    const changing = await traced(site, browser)
    await changing.session.set('a', 2).save()
    expect(changing.calls()).toEqual(['load found', 'update stored'])

    const idle = await traced(site, browser)
    await idle.session.save()
    expect(idle.calls()).toEqual(['load found', 'touch extended'])
    expect(idle.trace().cookies.map(({ name }) => name)).toEqual(['sess_touch'])

    const ending = await traced(site, browser)
    await ending.session.destroy()
    expect(ending.calls()).toEqual(['load found', 'destroy removed'])
    expect(ending.trace().cookies.map(({ start, attributes }) => [start, attributes.maxAge])).toEqual([
      ['', 0],
      ['', 0],
    ])
  })

  test('never holds a whole cookie value', async () => {
    const site = openSite()
    const browser = new TestBrowser()
    const { session, trace } = await traced(site, browser)
    await session.set('a', 1).save()
    for (const value of browser.cookies.values()) expect(JSON.stringify(trace())).not.toContain(value)
  })
})

test('a save that meets another one shows the conflict and the merge', async () => {
  const site = memorySite()
  const browser = new TestBrowser()
  await (await site.open(browser)).set('a', 1).save()
  const slow = await traced(site, browser)
  await (await site.open(browser)).set('b', 1).save()
  await slow.session.set('c', 1).save()

  expect(slow.calls()).toEqual(['load found', 'update conflict', 'load found', 'update stored'])
})

test('a refusal shows its code, and that no cookie went out', async () => {
  const site = cookieSite()
  const { session, calls, trace } = await traced(site, new TestBrowser())
  await session
    .set('a', 'x'.repeat(5000))
    .save()
    .catch(() => {})

  expect(calls()).toEqual(['create too-large'])
  expect(trace()).toMatchObject({ operations: [{ name: 'save', outcome: 'too-large' }], cookies: [] })
})

test('a cookie that opens nothing shows why', async () => {
  const browser = new TestBrowser()
  browser.cookies.set('sess', 'junk')
  const site = memorySite()
  const { calls, trace } = await traced(site, browser)

  expect(calls()).toEqual(['load malformed'])
  expect(trace().events).toEqual([{ event: 'refused', reason: 'malformed' }])
  expect(site.events).toEqual(trace().events)
})

test('a trace stays short, however much a request does', async () => {
  const site = memorySite()
  const { session, trace } = await traced(site, new TestBrowser())
  for (let save = 0; save < 100; save++) await session.save()

  expect(trace().steps).toHaveLength(24)
  expect(trace().moreSteps).toBe(76)
  expect(trace().operations).toHaveLength(8)
  expect(sealTrace(trace(), site.keyring, { purpose: 'action', token: 'x' }).length).toBeLessThan(3500)
})

describe('a trace that travels', () => {
  const keyring = createKeyring([TEST_SECRET], 'sess')
  const binding = { purpose: 'action', token: 'abc.seal' } as const
  const now = 1_800_000_000_000
  const trace: RequestTrace = {
    at: now,
    begin: 1,
    operations: [],
    steps: [],
    moreSteps: 0,
    cookies: [],
    events: [],
  }
  const sealed = sealTrace(trace, keyring, binding)

  test('is signed: what was changed on the way, or made elsewhere, is none', () => {
    expect(readTrace(sealed, keyring, { ...binding, now })).toEqual(trace)
    const others = [
      undefined,
      null,
      '',
      '.',
      'junk',
      `A${sealed}`,
      `${sealed}A`,
      `${sealed}.`,
      `${sealed.split('.')[0]}.`,
    ]
    for (const other of others) expect(readTrace(other, keyring, { ...binding, now })).toBeUndefined()
    expect(readTrace(sealed, createKeyring([TEST_SECRET], 'other'), { ...binding, now })).toBeUndefined()
  })

  test('is none for another visitor, for one without a session, and in the place of the other kind', () => {
    const read = (other: object) => readTrace(sealed, keyring, { ...binding, ...other, now })
    expect(read({ token: 'abc.made up behind the public id' })).toBeUndefined()
    expect(read({ token: 'xyz.seal' })).toBeUndefined()
    expect(read({ token: undefined })).toBeUndefined()
    expect(read({ purpose: 'visit' })).toBeUndefined()
  })

  test('of a browser whose session was ended is none for a browser that has one', () => {
    const ended = sealTrace(trace, keyring, { purpose: 'action', token: '' })
    expect(readTrace(ended, keyring, { purpose: 'action', token: undefined, now })).toEqual(trace)
    expect(readTrace(ended, keyring, { ...binding, now })).toBeUndefined()
  })

  test('is none after a minute', () => {
    const read = (later: number) => readTrace(sealed, keyring, { ...binding, now: now + later })
    expect(read(60_000)).toEqual(trace)
    expect(read(60_001)).toBeUndefined()
  })

  test.each([
    'null',
    '1',
    '{}',
    '{"at":1}',
    'no JSON',
    '{"operations":[],"steps":[],"cookies":[],"events":{}}',
  ])('is none and no error when what was signed is %s', (json) => {
    const text = Buffer.from(json).toString('base64url')
    const mac = sign(`trace 1 action abc:${text}`, keyring[0].touchKey)
    expect(readTrace(`${text}.${mac}`, keyring, { ...binding, now: 1 })).toBeUndefined()
  })
})
