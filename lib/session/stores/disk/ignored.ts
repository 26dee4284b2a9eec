import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Finding } from '../abilities'
import type { StoreContext } from '../context'

/**
 * A warning when sessions lie in the project and git does not ignore their directory. Git would then commit them, and a
 * development server opens every file there: Tailwind looks for class names, and Turbopack watches what it read.
 * Undefined when git ignores the directory. A `.gitignore` above has to name the directory itself: Tailwind and Turbopack
 * enter a directory of which only the files are ignored.
 */
export function findIgnoreWarning(directory: string, project = process.cwd()): string | undefined {
  const root = repositoryOf(project) ?? resolve(/* turbopackIgnore: true */ project)
  const path = resolve(/* turbopackIgnore: true */ directory)
  const inside = relative(root, path)
  if (inside.startsWith('..') || resolve(inside) === inside) return undefined // elsewhere
  const steps = inside === '' ? [] : inside.split(sep)
  if (steps.some((_, n) => isIgnored(root, steps.slice(0, n + 1)))) return undefined
  const remedy =
    path === resolve(/* turbopackIgnore: true */ project)
      ? 'Keep them in a directory of their own, such as ./data, and add it to .gitignore'
      : `Add this line to .gitignore: /${relative(resolve(/* turbopackIgnore: true */ project), path).split(sep).join('/')}/`
  return `sessions lie in ${path}, which is in the project and not ignored by git. They would be committed, and the development server opens them. ${remedy}`
}

function repositoryOf(directory: string): string | undefined {
  for (let path = resolve(/* turbopackIgnore: true */ directory); ; path = dirname(path)) {
    if (existsSync(/* turbopackIgnore: true */ join(path, '.git'))) return path
    if (path === dirname(path)) return undefined
  }
}

/** Whether the `.gitignore` files above a directory ignore it; the last line that matches counts. */
function isIgnored(root: string, steps: readonly string[]): boolean {
  let ignored = false
  for (let depth = 0; depth < steps.length; depth++) {
    const file = join(root, ...steps.slice(0, depth), '.gitignore')
    if (!existsSync(/* turbopackIgnore: true */ file)) continue
    const path = steps.slice(depth).join('/')
    for (const line of readFileSync(/* turbopackIgnore: true */ file, 'utf8').split(/\r?\n/)) {
      const pattern = line.replace(/(?<!\\)\s+$/, '')
      if (pattern === '' || pattern.startsWith('#')) continue
      const isException = pattern.startsWith('!')
      if (regExpOf(isException ? pattern.slice(1) : pattern).test(path)) ignored = !isException
    }
  }
  return ignored
}

/** A line of `.gitignore` for directories (gitignore(5), "PATTERN FORMAT"). */
function regExpOf(pattern: string): RegExp {
  const body = pattern.replace(/\/$/, '')
  const isAnchored = body.includes('/')
  const source = body
    .replace(/^\//, '')
    .replace(/\\(.)|\*\*\/|\/\*\*$|\*\*|\*|\?|[.+^${}()|[\]]/g, (text, escaped?: string) => {
      if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      if (text === '**/') return '(?:.*/)?'
      if (text === '/**') return '/.*'
      if (text === '**') return '.*'
      if (text === '*') return '[^/]*'
      if (text === '?') return '[^/]'
      return text === '[' || text === ']' ? text : `\\${text}`
    })
  try {
    return new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${source}$`)
  } catch {
    return /(?!)/ // matches nothing: git does not accept such a pattern either
  }
}

/**
 * A warning when sessions lie where git commits them and a development server opens them. `consequence` is a sentence of
 * the store about that.
 */
export function inspectPlace(directory: string, { config }: StoreContext, consequence = ''): Finding[] {
  // A production server watches nothing, and what it runs in is rarely what gets committed.
  const text = config.production ? undefined : findIgnoreWarning(directory)
  return text === undefined ? [] : [{ level: 'warning', text: `${text}.${consequence}` }]
}
