import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onFailure } from './cleanup'
import { outputOf } from './processes'

export type GitOutcome = 'committed' | 'no-identity' | 'no-git' | 'inside-repository' | 'failed'

/** One commit of everything on the default branch, where that is possible and wanted by what is there. */
export function commitAll(folder: string, message: string): GitOutcome {
  // Hooks are for the commits of people: one that a template of theirs brings along must not stop this one.
  const git = (...args: string[]) =>
    outputOf('git', ['-c', 'core.hooksPath=/dev/null', ...args], folder, gitEnvironment())
  if (git('--version') === undefined) return 'no-git'
  // git does not answer for a repository that belongs to another user.
  if (git('rev-parse', '--is-inside-work-tree') === 'true' || isBelowRepository(folder))
    return 'inside-repository'

  const branch = git('config', '--get', 'init.defaultBranch') || 'main'
  const forget = onFailure(() => rmSync(join(folder, '.git'), { recursive: true, force: true }))
  try {
    if (git('init', '--quiet', `--initial-branch=${branch}`) === undefined) return undone('failed')
    // Without an identity there is a repository and no commit: the name in it is not ours to make up.
    if (git('var', 'GIT_AUTHOR_IDENT') === undefined || !hasIdentity(git)) return 'no-identity'
    const done =
      git('add', '--all') !== undefined &&
      // Signatures are for the commits of people, too: nobody is asked for a passphrase.
      git('commit', '--quiet', '--no-gpg-sign', '--message', message) !== undefined
    return done ? 'committed' : undone('failed')
  } finally {
    forget()
  }

  function undone(outcome: GitOutcome): GitOutcome {
    rmSync(join(folder, '.git'), { recursive: true, force: true })
    return outcome
  }
}

/** git makes one up from the host's name where it can; such an address belongs to nobody. */
function hasIdentity(git: (...args: string[]) => string | undefined): boolean {
  const fromEnvironment = Boolean(process.env.GIT_AUTHOR_EMAIL && process.env.GIT_COMMITTER_EMAIL)
  return fromEnvironment || Boolean(git('config', '--get', 'user.email'))
}

function isBelowRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return dirname(folder) !== folder && isBelowRepository(dirname(folder))
}

/** Inside a hook git names its own repository in the environment; ours is another one. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  const foreign = [
    'GIT_DIR',
    'GIT_WORK_TREE',
    'GIT_COMMON_DIR',
    'GIT_INDEX_FILE',
    'GIT_PREFIX',
    'GIT_NAMESPACE',
    'GIT_OBJECT_DIRECTORY',
    'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  ]
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.includes(name)))
}
