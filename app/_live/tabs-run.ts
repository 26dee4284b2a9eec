import { setTimeout as pause } from 'node:timers/promises'
import type { Exchange, SaveOutcome } from '@/lib/session'

export const TABS = ['left', 'right'] as const
export type Tab = (typeof TABS)[number]

/** What one of the two requests did. Times in milliseconds of the clock of this process. */
export interface TabReport {
  readonly tab: Tab
  readonly begin: number
  readonly end: number
  readonly outcome: SaveOutcome
  /** Undefined where SESSION_TRACE is off. */
  readonly exchange: Exchange | undefined
}

interface Run {
  readonly arrived: Set<Tab>
  readonly both: PromiseWithResolvers<void>
  readonly reports: Map<Tab, TabReport>
}

/** Enough to press the second button in another tab; then a request goes on alone. */
const PATIENCE_MS = 8000
const MOST_RUNS = 100

/** Waits until both requests of a run are here, so that each has read the session before either saves. */
export async function meet(id: string, tab: Tab): Promise<void> {
  const { arrived, both } = runOf(id)
  arrived.add(tab)
  if (arrived.size === TABS.length) both.resolve()
  await Promise.race([both.promise, pause(PATIENCE_MS, undefined, { ref: false })])
}

export function report(id: string, tabReport: TabReport): void {
  runOf(id).reports.set(tabReport.tab, tabReport)
}

/** The reports of a run, left first; none when it was in another process or long ago. */
export function reportsOf(id: string): TabReport[] {
  const reports = runs.get(id)?.reports
  return TABS.flatMap((tab) => reports?.get(tab) ?? [])
}

function runOf(id: string): Run {
  const run = runs.get(id) ?? { arrived: new Set(), both: Promise.withResolvers(), reports: new Map() }
  runs.set(id, run)
  const oldest = runs.keys().next().value
  if (runs.size > MOST_RUNS && oldest !== undefined) runs.delete(oldest)
  return run
}

// The page and the handler are built apart and have a module of this each; the process they share has one of these.
const holder = globalThis as { [key: symbol]: Map<string, Run> | undefined }
const key = Symbol.for('sess demo: two tabs')
holder[key] ??= new Map()
const runs = holder[key]
