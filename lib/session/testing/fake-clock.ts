/** A clock that stands still until a test moves it. Epoch milliseconds. */
export interface FakeClock {
  readonly now: () => number
  advance(by: { seconds?: number; ms?: number }): void
}

export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let time = start
  return {
    now: () => time,
    advance({ seconds = 0, ms = 0 }) {
      time += seconds * 1000 + ms
    },
  }
}
