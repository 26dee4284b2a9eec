import { headers } from 'next/headers'

/** The absolute URL of a path, as the visitor's browser reaches this site. */
export async function ownUrl(path: string): Promise<string> {
  const request = await headers()
  return `${request.get('x-forwarded-proto') ?? 'http'}://${request.get('host')}${path}`
}
