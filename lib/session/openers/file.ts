import { createFileStore, findDirectoryProblem } from '../stores/file'
import type { Check, Opener } from './opener'

export const open: Opener<'file'> = async ({ directory }, { now }) => ({
  store: createFileStore({ directory, now }),
})

export const check: Check<'file'> = async ({ directory }) => {
  const problem = await findDirectoryProblem(directory)
  return problem && `SESSION_FILE_DIR is ${JSON.stringify(directory)}; ${problem}`
}
