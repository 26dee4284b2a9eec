/** A Domain as browsers compare it: they ignore a leading dot, and case. */
export function plainDomain(domain: string): string {
  return domain.replace(/^\./, '').toLowerCase()
}
