/** Of the app, not of this command. */
export const OLDEST_NODE = '22.13'

/** `22.9.0` is older than `22.13`; a part that is not there is 0. */
export function isOlder(version: string, than: string): boolean {
  const parts = version.split(/[.-]/).map(Number)
  for (const [index, wanted] of than.split('.').map(Number).entries()) {
    const part = parts[index] ?? 0
    if (part !== wanted) return part < wanted
  }
  return false
}

/** The first number of a version or a range; undefined for a tag such as `latest`. */
export function majorOf(version: string): number | undefined {
  const major = /\d+/.exec(version.replace(/^npm:.*@/, ''))?.[0]
  return major === undefined ? undefined : Number(major)
}
