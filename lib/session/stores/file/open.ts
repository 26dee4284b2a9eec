import { type CheckStore, type OpenStore, recordsOf } from '../context'
import { inspectPlace } from '../disk/ignored'
import { createFileStore, inspectStart } from '.'
import type { FileOptions } from './about'

export const open: OpenStore<FileOptions> = async ({ directory }, context) => {
  const store = createFileStore({ directory, records: recordsOf(context), now: context.now })
  const inspect = async () => [...(await store.inspect()), ...inspectPlace(directory, context)]
  return { store: { ...store, inspect } }
}

export const check: CheckStore<FileOptions> = async ({ directory }, context) => {
  const findings = [...(await inspectStart(directory)), ...inspectPlace(directory, context)]
  return findings.map(({ level, text }) => ({
    level,
    text: `SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${text}`,
  }))
}
