/** This repository's `proxy.ts` without its Content-Security-Policy, as `lib/session/README.md` shows it. */
export function plainProxy(text: string): string {
  return text
    .replace("import { respondWithPolicy } from '@/lib/content-security-policy'\n", '')
    .replace('touchSession(request, respondWithPolicy(request))', 'touchSession(request)')
}
