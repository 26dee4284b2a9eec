import { styleText } from 'node:util'
import type { Finding } from '../stores/abilities'
import type { DoctorReport } from './doctor'
import { inWords } from './timeout-profile'

const COLORS = { ok: 'green', warning: 'yellow', problem: 'red' } as const

/** The report for a person. Colours only where the terminal shows them. */
export function doctorLines(report: DoctorReport): string[] {
  const { mode, settings, limits, configuration, roundTrip, storeFindings } = report
  const limitLines = limits.map(({ text, name, from }) => [text, `${name}, ${from}`] as const)
  return [
    ...section(
      `Configuration (${mode})`,
      table(settings.map(({ name, value, from }) => [name, value, from])),
    ),
    ...section('Limits', table(limitLines)),
    ...section('Time-outs', profileLines(report)),
    ...section(`Store (${report.store})`, [
      ...(roundTrip ? [roundTripLine(roundTrip)] : ['Writing was not tried, because of a problem below.']),
      ...storeFindings.map(findingLine),
    ]),
    ...(configuration.length > 0 ? section('Worth a look', configuration.map(findingLine)) : []),
    summaryLine(report),
  ]
}

function profileLines({ profile }: DoctorReport): string[] {
  if (!profile) return ['Longer than NIST SP 800-63B-4 advises at any level (sections 2.1.3, 2.2.3, 2.3.3).']
  const { level, absoluteMs, idleMs, section } = profile
  const idle = idleMs === Infinity ? '' : ` and ${inWords(idleMs)} without activity`
  return [
    `Within NIST SP 800-63B-4 for ${level}: at most ${inWords(absoluteMs)}${idle} (section ${section}).`,
    'An assurance level asks for more than time-outs, how people sign in above all.',
  ]
}

function roundTripLine({ create, load, touch, destroy }: NonNullable<DoctorReport['roundTrip']>): string {
  return `A throw-away session: created in ${create} ms, read in ${load}, touched in ${touch}, destroyed in ${destroy}.`
}

function findingLine({ level, text }: Finding): string {
  const word = styleText(COLORS[level], level === 'ok' ? 'ok' : level, { stream: process.stdout })
  return `${word}: ${text}`
}

function summaryLine({ warnings, problems }: DoctorReport): string {
  const counts = [count(warnings, 'warning'), count(problems, 'problem')].filter((text) => text !== '')
  return counts.length === 0 ? 'Everything is in order.' : `${counts.join(', ')}.`
}

function count(n: number, noun: string): string {
  if (n === 0) return ''
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`
}

function section(title: string, lines: readonly string[]): string[] {
  return [styleText('bold', title, { stream: process.stdout }), ...lines.map((line) => `  ${line}`), '']
}

/** Columns of equal width; a long cell widens nothing beyond `WIDEST`. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => {
    const lengths = rows.map((row) => (row[column] ?? '').length)
    return Math.max(0, ...lengths.filter((length) => length <= WIDEST))
  })
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const WIDEST = 76
