import { setImmediate as turn } from 'node:timers/promises'
import type { SessionEvent } from '../core/events'
import type { SessionStore } from '../core/store'

const INTERVAL_MS = 60_000
const BATCH = 100

export interface SweeperOptions {
  readonly store: SessionStore
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onEvent: (event: SessionEvent) => void
  readonly intervalMs?: number
  /** The most sessions that one call of the store removes; requests get their turn between two calls. */
  readonly batch?: number
}

/**
 * Removes expired sessions once a minute, in the background, where the backend does not do it by itself. Several
 * processes may sweep one store. The timer does not keep the process alive. A sweep that fails is an event, and the next
 * one tries again. Returns a function that stops it.
 */
export function startSweeper({
  store,
  now,
  onEvent,
  intervalMs = INTERVAL_MS,
  batch = BATCH,
}: SweeperOptions) {
  if (!store.sweep) return () => {}
  let isSweeping = false

  async function sweep(): Promise<void> {
    if (isSweeping) return
    isSweeping = true
    try {
      const removed = await sweepAll(store, now(), batch)
      if (removed > 0) onEvent({ event: 'swept', removed })
    } catch (error) {
      onEvent({ event: 'sweep-failed', message: error instanceof Error ? error.message : String(error) })
    } finally {
      isSweeping = false
    }
  }

  const timer = setInterval(sweep, intervalMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Removes everything that is expired at `now`, in batches; returns how many. */
export async function sweepAll(store: SessionStore, now: number, batch = BATCH): Promise<number> {
  let removed = 0
  for (;;) {
    const count = (await store.sweep?.(now, batch)) ?? 0
    removed += count
    if (count < batch) return removed
    await turn() // a store that never waits (SQLite) would otherwise make every request wait until the end
  }
}
