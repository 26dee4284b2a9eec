import { findIgnoreWarning } from '../ignored'
import { createFileStore, inspectStart } from '../stores/file'
import { type Check, type Opener, recordsOf } from './opener'

export const open: Opener<'file'> = async ({ directory }, context) => ({
  store: createFileStore({ directory, records: recordsOf(context), now: context.now }),
})

export const check: Check<'file'> = async ({ directory }, { config }) => {
  const ignored = config.production ? undefined : findIgnoreWarning(directory)
  const findings = await inspectStart(directory)
  return (
    ignored === undefined ? findings : [...findings, { level: 'warning', text: `${ignored}.` } as const]
  ).map(({ level, text }) => ({
    level,
    text: `SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${text}`,
  }))
}
