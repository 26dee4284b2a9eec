import { headers } from 'next/headers'

/** A path of this site as the visitor's browser reaches it. */
export async function ownUrl(path: string): Promise<string> {
  const request = await headers()
  return `${request.get('x-forwarded-proto') ?? 'http'}://${request.get('host')}${path}`
}
