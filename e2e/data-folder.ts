import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DATA_VARIABLE } from './server-environment'

/** Before the first test: a folder for all that the servers of this run keep in files. After the last one it goes. */
export default function makeDataFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'sess-e2e-'))
  process.env[DATA_VARIABLE] = folder // Playwright hands it on to its workers
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
