import { setTimeout as pause } from 'node:timers/promises'
import type { RequestTrace, SaveOutcome } from '@/lib/session'

export const TABS = ['left', 'right'] as const
export type Tab = (typeof TABS)[number]

/** What one of the two requests did. Times are milliseconds of this process's monotonic clock. */
export interface TabReport {
  readonly tab: Tab
  readonly begin: number
  readonly end: number
  readonly outcome: SaveOutcome
  /** Undefined when SESSION_TRACE is off. */
  readonly trace: RequestTrace | undefined
}

interface Run {
  readonly arrived: Set<Tab>
  readonly bothArrived: PromiseWithResolvers<void>
  readonly bothDone: PromiseWithResolvers<void>
  readonly reports: Map<Tab, TabReport>
}

/** Long enough to press the second button in another tab. After that, a request continues alone. */
const PATIENCE_MS = 8000
const MOST_RUNS = 100

/** Waits until both requests of a run have arrived, so that each reads the session before either of them saves. */
export async function meet(id: string, tab: Tab): Promise<void> {
  const { arrived, bothArrived } = runOf(id)
  arrived.add(tab)
  if (arrived.size === TABS.length) bothArrived.resolve()
  await atMost(PATIENCE_MS, bothArrived.promise)
}

/** Keeps the report of one request and waits for the other report, so that each page can show both. */
export async function report(id: string, tabReport: TabReport): Promise<void> {
  const { arrived, reports, bothDone } = runOf(id)
  reports.set(tabReport.tab, tabReport)
  if (reports.size === TABS.length) bothDone.resolve()
  if (arrived.size === TABS.length) await atMost(PATIENCE_MS, bothDone.promise)
}

/** The reports of a run, left first. Empty when another process served the run, or when a hundred newer runs replaced it. */
export function reportsOf(id: string): TabReport[] {
  const reports = runs.get(id)?.reports
  return TABS.flatMap((tab) => reports?.get(tab) ?? [])
}

function runOf(id: string): Run {
  const run = runs.get(id) ?? newRun()
  runs.set(id, run)
  const oldest = runs.keys().next().value
  if (runs.size > MOST_RUNS && oldest !== undefined) runs.delete(oldest)
  return run
}

function newRun(): Run {
  return {
    arrived: new Set(),
    bothArrived: Promise.withResolvers(),
    bothDone: Promise.withResolvers(),
    reports: new Map(),
  }
}

async function atMost(ms: number, event: Promise<void>): Promise<void> {
  await Promise.race([event, pause(ms, undefined, { ref: false })])
}

// Next bundles the page and the handler apart, so each has its own copy of this module. The global gives both one map.
const holder = globalThis as { [key: symbol]: Map<string, Run> | undefined }
const key = Symbol.for('sess course: two tabs')
holder[key] ??= new Map()
const runs = holder[key]
