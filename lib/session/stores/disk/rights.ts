/** Who can open a file or a directory, by the `mode` of its `Stats`: for stores that keep files. */
export const OTHERS_ACCESS = 0o077
export const OTHERS_WRITE = 0o022
export const OTHERS_ENTER = 0o011
export const EVERYONE_WRITES = 0o002

/** The mode as `chmod` takes it, such as `0755`. */
export function octal({ mode }: { readonly mode: number }): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
