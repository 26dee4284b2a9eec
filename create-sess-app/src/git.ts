import { existsSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onFailure } from './cleanup'
import { outputOf } from './processes'

export type GitOutcome = 'committed' | 'no-identity' | 'no-git' | 'inside-repository' | 'failed'

/** Makes a repository with one commit of everything, unless the folder is in a repository already. */
export function commitAll(folder: string, message: string): GitOutcome {
  // A git template may contain hooks. They must not stop this commit.
  const git = (...args: string[]) =>
    outputOf('git', ['-c', 'core.hooksPath=/dev/null', ...args], folder, gitEnvironment())
  if (git('--version') === undefined) return 'no-git'
  // git reports nothing about a repository that belongs to another user, so the folders above are checked too.
  if (git('rev-parse', '--is-inside-work-tree') === 'true' || isBelowRepository(folder))
    return 'inside-repository'

  const branch = git('config', '--get', 'init.defaultBranch') || 'main'
  const forget = onFailure(() => rmSync(join(folder, '.git'), { recursive: true, force: true }))
  try {
    if (git('init', '--quiet', `--initial-branch=${branch}`) === undefined) return undone('failed')
    // Without an identity there is a repository and no commit, because this command must not invent a name.
    if (git('var', 'GIT_AUTHOR_IDENT') === undefined || !hasIdentity(git)) return 'no-identity'
    const done =
      git('add', '--all') !== undefined &&
      // No signature, because it could ask for a passphrase.
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

/** Checks the settings, because git may invent an address from the host's name. */
function hasIdentity(git: (...args: string[]) => string | undefined): boolean {
  const fromEnvironment = Boolean(process.env.GIT_AUTHOR_EMAIL && process.env.GIT_COMMITTER_EMAIL)
  return fromEnvironment || Boolean(git('config', '--get', 'user.email'))
}

function isBelowRepository(folder: string): boolean {
  if (existsSync(join(folder, '.git'))) return true
  return dirname(folder) !== folder && isBelowRepository(dirname(folder))
}

/** The environment without git's own variables. Inside a hook they name the hook's repository. */
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
