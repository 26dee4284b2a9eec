import type { CookieAttributes, CookieJar, VariantScope } from '../core/cookies'
import { SessionReadOnlyError } from '../core/errors'

/** A cookie as it left with a response. */
export interface SentCookie {
  readonly name: string
  readonly value: string
  readonly attributes: CookieAttributes
}

/** A cookie that the browser has besides those of `cookies`: of another Domain or Path, such as another app's. */
export interface PlantedCookie {
  readonly name: string
  readonly value: string
  readonly domain?: string
  readonly path: string
  /** Whether it is sent before the cookie of the same name, as one with a longer path or an older one is. */
  readonly isFirst: boolean
}

export interface JarOptions {
  /** As while a Server Component renders: cookies cannot be written; or from the moment the function says so. */
  readonly readOnly?: boolean | (() => boolean)
  /** What an earlier configuration may have left; nothing unless given. */
  readonly variants?: (scope: VariantScope) => readonly CookieAttributes[]
}

/**
 * A browser's cookies over several requests. It drops what it is told to drop and never looks at Max-Age: like a
 * client that keeps and replays its cookies, so that a limit which holds here holds without the browser's help.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>()
  /** Sent besides them, in this order. */
  planted: readonly PlantedCookie[] = []
  /** Every cookie that was sent to it, in order. */
  readonly received: SentCookie[] = []
  /** Every other variant of a cookie that it was told to drop, in order. */
  readonly expired: Omit<SentCookie, 'value'>[] = []

  /** The jar of one more request. */
  jar({ readOnly = false, variants = () => [] }: JarOptions = {}): CookieJar {
    const refuse = (late: boolean) => {
      if (typeof readOnly === 'function' ? readOnly() : readOnly)
        throw new SessionReadOnlyError(late ? 'response-begun' : 'render', { late })
    }
    const sent = this.#cookiesToSend()
    return {
      getAll: (name) => sent.filter((cookie) => cookie.name === name).map(({ value }) => value),
      set: (name, value, attributes) => {
        refuse(true)
        this.received.push({ name, value, attributes })
        if (attributes.maxAge === 0) this.cookies.delete(name)
        else this.cookies.set(name, value)
      },
      expireVariants: (name, scope) => {
        refuse(true)
        for (const attributes of variants(scope)) {
          this.expired.push({ name, attributes })
          const { domain, path } = attributes
          this.planted = this.planted.filter(
            (cookie) => !(cookie.name === name && cookie.domain === domain && cookie.path === path),
          )
        }
      },
      assertWritable: () => refuse(false),
    }
  }

  /** Another browser with a copy of these cookies, as a thief has it. */
  copy(): TestBrowser {
    const copy = new TestBrowser()
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    copy.planted = this.planted
    return copy
  }

  #cookiesToSend(): { name: string; value: string }[] {
    const own = [...this.cookies].map(([name, value]) => ({ name, value }))
    const [first, last] = [true, false].map((isFirst) =>
      this.planted.filter((cookie) => cookie.isFirst === isFirst),
    )
    return [...(first ?? []), ...own, ...(last ?? [])]
  }
}
