import { createFileStore, inspectStart } from '../stores/file'
import type { Check, Opener } from './opener'

export const open: Opener<'file'> = async ({ directory }, { now }) => ({
  store: createFileStore({ directory, now }),
})

export const check: Check<'file'> = async ({ directory }) => {
  const findings = await inspectStart(directory)
  return findings.map(({ level, text }) => ({
    level,
    text: `SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${text}`,
  }))
}
