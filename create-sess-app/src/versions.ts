/** The oldest Node for an app. This command runs on older ones. */
export const OLDEST_NODE = '22.13'

/** Compares versions: `22.9.0` is older than `22.13`. A missing part counts as 0. */
export function isOlder(version: string, than: string): boolean {
  const parts = version.split(/[.-]/).map(Number)
  for (const [index, wanted] of than.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}

/** The first number of a version or a range. Undefined for a tag such as `latest`. */
export function majorOf(version: string): number | undefined {
  const major = /\d+/.exec(version.replace(/^npm:.*@/, ''))?.[0]
  return major === undefined ? undefined : Number(major)
}
