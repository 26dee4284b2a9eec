import { NextRequest } from 'next/server'
import { expect, test, vi } from 'vitest'
import { respondWithPolicy } from '@/lib/content-security-policy'

const REQUEST_POLICY = 'x-middleware-request-content-security-policy' // as Next hands a changed header to the page

function respond(init?: { request: { headers: Headers } }) {
  return respondWithPolicy(new NextRequest('http://localhost:3000/'))(init).headers
}

test('the page gets the policy that the browser gets', () => {
  const headers = respond()
  expect(headers.get('content-security-policy')).toMatch(/script-src 'nonce-[\w+/]{22}==' 'strict-dynamic';/)
  expect(headers.get(REQUEST_POLICY)).toBe(headers.get('content-security-policy'))
})

test('the page also gets what touchSession changed', () => {
  const headers = respond({ request: { headers: new Headers({ cookie: 'a=1' }) } })
  expect(headers.get('x-middleware-request-cookie')).toBe('a=1')
  expect(headers.get(REQUEST_POLICY)).toBe(headers.get('content-security-policy'))
})

test('a nonce is used once', () => {
  expect(respond().get('content-security-policy')).not.toBe(respond().get('content-security-policy'))
})

test.each([
  ['production', []],
  ['development', ["'unsafe-eval'", "'unsafe-inline'"]],
])('what is unsafe in %s: %j', (mode, unsafe) => {
  vi.stubEnv('NODE_ENV', mode)
  expect(
    respond()
      .get('content-security-policy')
      ?.match(/'unsafe-[\w-]+'/g) ?? [],
  ).toEqual(unsafe)
})
