import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** `create-sess-app-<version>.tgz`, as it would be published. */
    tarball: string
    /** What is in it. */
    package: string
  }
}

/** Packs create-sess-app once for all its tests, which see what a user gets and nothing of the repository. */
export default function pack(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'create-sess-app-tests-'))
  chmodSync(folder, 0o755) // some tests run the command as somebody who is not root
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: fileURLToPath(new URL('../../create-sess-app', import.meta.url)),
    encoding: 'utf8',
  })
  const tarball = join(folder, name.trim())
  execFileSync('tar', ['-xzf', tarball, '-C', folder])
  project.provide('tarball', tarball)
  project.provide('package', join(folder, 'package'))
  return () => rmSync(folder, { recursive: true, force: true })
}
