import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onFailure } from './cleanup'
import { CliError } from './errors'
import { outputOf, runQuietly } from './processes'
import { type SessionManifest, sessionFiles } from './session-files'
import { blobOf, openTemplate } from './template'

/**
 * The files of `lib/session` as an earlier version of this package made them, from the registry.
 * @returns git's name of each → its text; undefined when the package cannot be had
 */
export async function earlierFiles(
  { version, stores }: SessionManifest,
  cwd: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  const forget = onFailure(remove)
  try {
    // Without retries, so that it fails at once when there is no network.
    const flags = ['--fetch-retries=0', '--loglevel=error', '--pack-destination', folder]
    await runQuietly('npm', ['pack', `create-sess-app@${version}`, ...flags], { cwd, debug: false })
    const [tarball = ''] = readdirSync(folder)
    if (outputOf('tar', ['-xzf', tarball], folder) === undefined) return undefined
    const template = openTemplate(join(folder, 'package', 'template'))
    return new Map(
      sessionFiles(template, { stores, sessionData: 'lean' }).map(({ text }) => [blobOf(text), text]),
    )
  } catch (error) {
    if (error instanceof CliError) return undefined
    throw error
  } finally {
    remove()
    forget()
  }
}
