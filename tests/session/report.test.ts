import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { SessionEvent } from '@/lib/session/core/events'
import { countStoreErrors, flushEvents, limitEvents } from '@/lib/session/report'
import { SessionStoreError } from '@/lib/session/stores/errors'

const refused = (reason: 'forged' | 'expired'): SessionEvent => ({ event: 'refused', reason })

let lines: SessionEvent[]
const total = () => lines.reduce((sum, { count = 1 }) => sum + count, 0)

beforeEach(() => {
  lines = []
})

describe('a flood of events', () => {
  let passSecond: () => void
  let report: (event: SessionEvent) => void
  const windows = new Map()

  beforeEach(() => {
    let timers: (() => void)[] = []
    passSecond = () => {
      const due = timers
      timers = []
      for (const run of due) run()
    }
    windows.clear()
    report = limitEvents(
      (event) => lines.push(event),
      windows,
      (run) => timers.push(run),
    )
  })

  test('is one line at once and one line a second, whose counts add up', () => {
    for (let second = 0; second < 3; second++) {
      for (let n = 0; n < 1000; n++) report(refused('forged'))
      passSecond()
    }
    expect(lines).toEqual([
      refused('forged'),
      { ...refused('forged'), count: 999 },
      { ...refused('forged'), count: 1000 },
      { ...refused('forged'), count: 1000 },
    ])
  })

  test('keeps what an event tells beside its count', () => {
    for (let n = 0; n < 10; n++) report({ event: 'several-cookies', cookies: 4 })
    passSecond()
    expect(lines).toEqual([
      { event: 'several-cookies', cookies: 4 },
      { event: 'several-cookies', cookies: 4, count: 9 },
    ])
  })

  test('of one reason hides no other one', () => {
    for (let n = 0; n < 10; n++) report(refused('forged'))
    report(refused('expired'))
    report({ event: 'touch-failed', message: 'no answer' })
    expect(lines.map((line) => ('reason' in line ? line.reason : line.event))).toEqual([
      'forged',
      'expired',
      'touch-failed',
    ])
  })

  test('that stopped leaves nothing untold, and the next event is said at once again', () => {
    report(refused('forged'))
    report(refused('forged'))
    passSecond()
    expect(total()).toBe(2)
    passSecond()
    report(refused('forged'))
    expect(lines.at(-1)).toEqual(refused('forged'))
    expect(total()).toBe(3)
  })

  test('is told to the last event when the process ends', () => {
    for (let n = 0; n < 5; n++) report(refused('forged'))
    flushEvents(windows)
    flushEvents(windows)
    expect(total()).toBe(5)
  })

  test('tells the last that happened, such as the public id', () => {
    for (const id of ['a', 'b', 'c']) report({ event: 'ended', id, operation: 'save' })
    passSecond()
    expect(lines.at(-1)).toEqual({ event: 'ended', id: 'c', operation: 'save', count: 2 })
  })

  test('does not end the process when the app’s onEvent throws', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    let calls = 0
    const report = limitEvents(
      () => {
        calls += 1
        if (calls > 1) throw new Error('my log is full')
      },
      windows,
      (run) => queueMicrotask(run),
    )
    report(refused('forged'))
    report(refused('forged'))
    return Promise.resolve().then(() => expect(log).toHaveBeenCalledTimes(1))
  })

  test('of warnings, or of changes that were not saved, is told one by one', () => {
    for (const message of ['one', 'two']) report({ event: 'warning', message })
    report({ event: 'unsaved', changes: [] })
    report({ event: 'unsaved', changes: [] })
    expect(lines).toHaveLength(4)
  })
})

test('proxy and pages, each with its own instance of the module, have one count', async () => {
  const log = vi.spyOn(console, 'warn').mockImplementation(() => {})
  for (let instance = 0; instance < 3; instance++) {
    vi.resetModules()
    const { reportEvent } = await import('@/lib/session/report')
    reportEvent({ event: 'swept', removed: 1 })
  }
  expect(log).toHaveBeenCalledTimes(1)
})

describe('an error of the store that Next prints', () => {
  const error = new SessionStoreError('redis', 'load a session', { cause: new Error('ECONNREFUSED') })

  test('becomes an event, and other lines are printed as they are', () => {
    const printed: unknown[][] = []
    const target = { error: (...line: unknown[]) => void printed.push(line) }
    countStoreErrors((event) => lines.push(event), target)
    const others = [[' ⨯', new Error('other')], ['my own line', error], [error], ['⨯ text']]
    for (const line of [[' ⨯', error], ...others]) target.error(...line)
    expect(printed).toEqual(others)
    expect(lines).toEqual([
      {
        event: 'store-failed',
        message: 'The session store "redis" failed to load a session. ECONNREFUSED',
      },
    ])
  })
})
