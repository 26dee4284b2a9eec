/** This repository's `proxy.ts` without the policy of its demo pages: what `lib/session/README.md` shows. */
export function plainProxy(text: string): string {
  return text
    .replace("import { respondWithPolicy } from '@/lib/content-security-policy'\n", '')
    .replace('touchSession(request, respondWithPolicy(request))', 'touchSession(request)')
}
