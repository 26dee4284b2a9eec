import { randomBytes } from 'node:crypto'
import { type NextRequest, NextResponse } from 'next/server'

/**
 * For `proxy.ts`: the response of `touchSession`, under a policy of its own for each request. Next finds the nonce in
 * the request's policy while it renders, and puts it on each of its scripts.
 */
export function respondWithPolicy(request: NextRequest) {
  return (init = { request: { headers: new Headers(request.headers) } }): NextResponse => {
    const policy = contentSecurityPolicy(randomBytes(16).toString('base64'))
    init.request.headers.set('Content-Security-Policy', policy)
    const response = NextResponse.next(init)
    response.headers.set('Content-Security-Policy', policy)
    return response
  }
}

/**
 * Scripts run that carry the nonce, and those that they load; all the rest comes from this origin, or not at all. In
 * development React evaluates code to tell where an error began, and Next's tools in the page are styled in line.
 */
function contentSecurityPolicy(nonce: string): string {
  const isDevelopment = process.env.NODE_ENV === 'development'
  return [
    "default-src 'self'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'${isDevelopment ? " 'unsafe-eval'" : ''}`,
    `style-src 'self'${isDevelopment ? " 'unsafe-inline'" : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
