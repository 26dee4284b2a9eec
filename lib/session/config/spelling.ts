import leven from 'leven'

/** How many letters differ: added, left out, replaced, or swapped with their neighbour, each as one. */
export function edits(text: string, other: string): number {
  let least = leven(text, other)
  // `leven` counts a swap as two. One swap is tried at each place: two in one name are more than a slip.
  for (let at = 0; at + 1 < text.length && least > 1; at++) {
    const swapped = `${text.slice(0, at)}${text[at + 1]}${text[at]}${text.slice(at + 2)}`
    least = Math.min(least, leven(swapped, other) + 1)
  }
  return least
}

/** The closest of the known names. */
export function nearest(text: string, known: readonly string[]): string {
  return known.reduce((best, next) => (edits(text, next) < edits(text, best) ? next : best))
}
