import type { SessionConfig } from '../config/config'
import type { SessionStore } from '../core/store'
import { appVariables } from '../session-data'
import { canList } from '../stores/abilities'
import type { StoreOptions } from '../stores/about'
import { aboutStore, showPlace } from '../stores/choose'
import { sweepAll } from '../stores/sweeper'
import { type DoctorReport, runDoctor } from './doctor'
import { doctorLines } from './doctor-lines'
import { inWords } from './timeout-profile'

export interface CommandContext {
  readonly config: SessionConfig
  readonly store: SessionStore
  readonly sourceOf: (name: string) => string | undefined
  readonly now: () => number
  /** Asks the operator. @throws {SessionError} when there is no terminal to ask in */
  readonly confirm: (question: string) => Promise<boolean>
  /** A warning makes the command fail. */
  readonly isStrict: boolean
}

/** `json` is what a program reads, `lines` what a person reads. */
export interface Outcome {
  readonly ok: boolean
  readonly json: object
  readonly lines: readonly string[]
}

export type Command = (context: CommandContext) => Promise<Outcome>

async function sweep({ config, store, now }: CommandContext): Promise<Outcome> {
  const elsewhere = sessionsElsewhere(config)
  if (elsewhere || !store.sweep) {
    const reason =
      elsewhere ?? `The ${config.store} server removes expired sessions by itself, so it was not asked`
    return said({ store: config.store, swept: false, removed: 0, reason: `${reason}.` }, [
      `Nothing to do. ${reason}.`,
    ])
  }
  const [removed, milliseconds] = await timed(() => sweepAll(store, now()))
  const line = `Removed ${sessions(removed, 'expired')} from the ${config.store} store in ${inWords(milliseconds)}.`
  return said({ store: config.store, swept: true, removed, milliseconds }, [line])
}

async function stats({ config, store }: CommandContext): Promise<Outcome> {
  const elsewhere = sessionsElsewhere(config)
  if (elsewhere || !canList(store)) {
    const reason =
      elsewhere ?? `The ${config.store} store cannot list its sessions, so the server was not asked`
    return said({ store: config.store, counted: false, live: null, expired: null, reason: `${reason}.` }, [
      `Sessions cannot be counted here. ${reason}.`,
    ])
  }
  const { live, expired } = await store.count()
  return said({ store: config.store, counted: true, live, expired }, [
    `Store    ${placesOf(config)}`,
    `Live     ${live}`,
    `Expired  ${expired}${expired > 0 ? ', not yet removed' : ''}`,
  ])
}

async function destroyAll(context: CommandContext): Promise<Outcome> {
  const { config, store, confirm, now } = context
  const epoch = needsEpoch(config)
  if (epoch) {
    const line = `SESSION_EPOCH=${new Date(now()).toISOString()}`
    const json = { store: config.store, reason: `${epoch}.`, remedy: line }
    const lines = [
      `${epoch}. Set this and restart the server; it ends every session made before:`,
      '',
      `  ${line}`,
    ]
    return { ok: false, json, lines }
  }
  const elsewhere = sessionsElsewhere(config)
  if (elsewhere) {
    return {
      ok: false,
      json: { store: config.store, reason: `${elsewhere}.` },
      lines: [`Nothing was ended. ${elsewhere}.`],
    }
  }
  const live = await countLive(store)
  const how = live === undefined ? 'every session (an unknown number)' : sessions(live, 'live')
  if (!(await confirm(`This ends ${how} of ${placesOf(config)}, for good. Go on?`)))
    return {
      ok: false,
      json: { store: config.store, reason: 'It was not confirmed.' },
      lines: ['Nothing was ended.'],
    }
  const [, milliseconds] = await timed(() => store.destroyAll())
  return said({ store: config.store, ended: live ?? null, milliseconds }, [
    `Ended ${how} of ${placesOf(config)} in ${inWords(milliseconds)}.`,
  ])
}

const COUNT_MS = 5000

/** The number is only for the question. Undefined when the store cannot count, fails, or takes long. */
async function countLive(store: SessionStore): Promise<number | undefined> {
  if (!canList(store)) return undefined
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, COUNT_MS, undefined)
  const counted = store.count().then(
    ({ live }) => live,
    () => undefined, // whether the store works is for `destroyAll` to say
  )
  return Promise.race([counted, late.promise]).finally(() => clearTimeout(timer))
}

async function doctor({ config, store, now, sourceOf, isStrict }: CommandContext): Promise<Outcome> {
  const report: DoctorReport = await runDoctor({ config, store, now, sourceOf, appVariables })
  const ok = report.problems === 0 && !(isStrict && report.warnings > 0)
  const profile = report.profile?.level ?? null
  return { ok, json: { ...report, profile, roundTrip: report.roundTrip ?? null }, lines: doctorLines(report) }
}

export const commands: Readonly<Record<string, Command>> = { sweep, stats, 'destroy-all': destroyAll, doctor }

/** Why this process cannot see the sessions; undefined when it can. */
function sessionsElsewhere({ storeOptions }: SessionConfig): string | undefined {
  return aboutStore(storeOptions).unseen
}

function needsEpoch({ storeOptions, migrateFrom }: SessionConfig): string | undefined {
  const areInBrowsers = (options: StoreOptions | undefined) => options && aboutStore(options).endsByEpoch
  if (areInBrowsers(storeOptions))
    return 'The browsers keep the sessions, so the server cannot end them one by one'
  if (areInBrowsers(migrateFrom))
    return 'Some browsers still keep their session, and the server cannot end those one by one'
  return undefined
}

function placesOf({ storeOptions, migrateFrom }: SessionConfig): string {
  return migrateFrom ? `${showPlace(storeOptions)} and of ${showPlace(migrateFrom)}` : showPlace(storeOptions)
}

function said(json: object, lines: readonly string[]): Outcome {
  return { ok: true, json, lines }
}

function sessions(n: number, kind: string): string {
  return n === 1 ? `1 ${kind} session` : `${n} ${kind} sessions`
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now()
  const result = await work()
  return [result, Math.round(performance.now() - start)]
}
