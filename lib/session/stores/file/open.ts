import { type Check, inspectPlace, type Opener, recordsOf } from '../opener'
import { createFileStore, inspectStart } from '.'

export const open: Opener<'file'> = async ({ directory }, context) => {
  const store = createFileStore({ directory, records: recordsOf(context), now: context.now })
  const inspect = async () => [...((await store.inspect?.()) ?? []), ...inspectPlace(directory, context)]
  return { store: { ...store, inspect } }
}

export const check: Check<'file'> = async ({ directory }, context) => {
  const findings = [...(await inspectStart(directory)), ...inspectPlace(directory, context)]
  return findings.map(({ level, text }) => ({
    level,
    text: `SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${text}`,
  }))
}
