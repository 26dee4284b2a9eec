/**
 * Where data lives: in the browser, encrypted and authenticated inside the cookie (`<publicId>.<seal>`, iron-session).
 * Who removes the dead: there is nothing to remove. The times are inside the seal, and are checked when it is read.
 * What survives a restart: everything, as long as the secret stays.
 * How many processes may share it: any number with the same secret. Overlapping saves: the last writer wins.
 *
 * It cannot end a copy of a cookie, nor everyone's sessions (SESSION_EPOCH does); at most 4096 bytes. What was destroyed
 * or regenerated is known to have ended for `ENDED_MS`, in this process only and for the latest `MOST_ENDED` sessions.
 */
import { sealData, unsealData } from 'iron-session'
import { COOKIE_LIMIT_BYTES } from '../../core/cookies'
import type { Keyring } from '../../core/keys'
import { ENDED_MS } from '../../core/limits'
import type { RefusalReason, SessionRecord, SessionStore } from '../../core/store'
import type { Inspectable } from '../abilities'
import { SessionTooLargeError, SessionUnsupportedError } from '../errors'
import { heaviestKeys, recordFromJson, recordToJson } from '../record'
import { createNonce } from '../tokens'

export interface CookieStoreOptions {
  readonly keyring: Keyring
  /** Its length counts towards the browser's 4096 bytes. */
  readonly cookieName: string
  /** The public ids of sessions that ended a moment ago, and when, epoch milliseconds; of this process. */
  readonly ended?: Map<string, number>
  readonly now: () => number
}

/** About 1 MB. When there are more, the oldest are forgotten early. */
const MOST_ENDED = 10_000

export function createCookieStore(options: CookieStoreOptions): SessionStore & Inspectable {
  const { keyring, cookieName, ended = new Map<string, number>(), now } = options
  const passwords = Object.fromEntries(keyring.map(({ id, sealPassword }) => [id, sealPassword]))
  // iron-session seals with the highest key id, whichever is newest: so it gets to see one key only.
  const newestPassword = { [keyring[0].id]: keyring[0].sealPassword }

  async function seal(publicId: string, record: SessionRecord): Promise<string> {
    // ttl 0: iron-session's own limit allows 60 s of skew, which makes short limits wrong; our stamps are inside.
    const sealed = await sealData(recordToJson(record, { t: publicId }), { password: newestPassword, ttl: 0 })
    const token = `${publicId}.${withoutVersion(sealed)}`
    const bytes = cookieName.length + token.length
    if (bytes > COOKIE_LIMIT_BYTES)
      throw new SessionTooLargeError(bytes, COOKIE_LIMIT_BYTES, heaviestKeys(record.data))
    return token
  }

  function hasEnded(token: string): boolean {
    const endedAt = ended.get(split(token)?.publicId ?? '')
    return endedAt !== undefined && now() < endedAt + ENDED_MS
  }

  /** A Map keeps the order of insertion: what is over comes first. */
  function markEnded(token: string): void {
    ended.set(split(token)?.publicId ?? '', now())
    for (const [publicId, endedAt] of ended) {
      if (ended.size <= MOST_ENDED && now() < endedAt + ENDED_MS) break
      ended.delete(publicId)
    }
  }

  async function load(token: string): ReturnType<SessionStore['load']> {
    const parts = split(token)
    if (!parts || cookieName.length + token.length > COOKIE_LIMIT_BYTES) return { refused: 'malformed' }
    const opened = await unseal(parts.seal, passwords)
    if ('refused' in opened) return opened
    const record = recordFromJson(opened.json, now())
    if (!record) return { refused: 'malformed' }
    if (opened.json.t !== parts.publicId) return { refused: 'forged' }
    return hasEnded(token) ? { refused: 'ended' } : { record, version: null, expiresAt: null }
  }

  return {
    name: 'cookie',

    load,

    create: async (record) => ({ token: await seal(createNonce(), record), version: null }),

    async update(token, record) {
      if (hasEnded(token)) return 'gone'
      return { token: await seal(split(token)?.publicId ?? createNonce(), record), version: null }
    },

    // The touch cookie is all there is to move.
    touch: async (token) => split(token) !== undefined && !hasEnded(token),

    /** The browser forgets; a copy cannot be called back. */
    async destroy(token, version, mark) {
      const isLive = !('refused' in (await load(token)))
      if (mark === 'unmarked') ended.delete(split(token)?.publicId ?? '')
      else if (isLive) markEnded(token)
      return isLive || version === undefined ? 'ok' : 'conflict'
    },

    async destroyAll() {
      throw new SessionUnsupportedError(
        'cookie',
        "end everyone's sessions",
        'Set SESSION_EPOCH to the present time and restart: sessions made before it are dead.',
      )
    },

    async inspect() {
      const text =
        'Sessions live in the browsers: they cannot be counted, nor one of them ended. SESSION_EPOCH ends all of them.'
      return [{ level: 'ok', text }]
    },
  }
}

/** A token's parts; undefined when it has another form. One record has one token: no other spelling opens it. */
function split(token: string): { publicId: string; seal: string } | undefined {
  // No `~`: iron-session ignores what follows one, unauthenticated.
  const match = token.match(/^([\w-]{16})\.(Fe26\.2\*[\w*-]+\*([\w-]{43}))$/)
  if (!match) return undefined
  const [, publicId = '', seal = '', mac = ''] = match
  // Iron decodes the MAC leniently: the last character has two bits that are not part of it.
  return Buffer.from(mac, 'base64url').toString('base64url') === mac ? { publicId, seal } : undefined
}

function withoutVersion(sealed: string): string {
  const end = sealed.indexOf('~')
  return end === -1 ? sealed : sealed.slice(0, end)
}

/** What was sealed: a record, and `t`, the publicId. */
type Sealed = Record<string, unknown> & { readonly t?: unknown }

async function unseal(
  seal: string,
  password: Record<string, string>,
): Promise<{ json: Sealed } | { refused: RefusalReason }> {
  let refused: RefusalReason | undefined
  const json = await unsealData<Sealed>(seal, {
    password,
    ttl: 0,
    onUnsealError: (reason) => {
      refused = reason === 'unknown-password' ? 'unknown-secret' : 'forged'
    },
  })
  return refused ? { refused } : { json }
}
