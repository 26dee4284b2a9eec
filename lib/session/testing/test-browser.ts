import type { CookieAttributes, CookieJar } from '../cookies'
import { SessionReadOnlyError } from '../errors'

/** A cookie as it left with a response. */
export interface SentCookie {
  readonly name: string
  readonly value: string
  readonly attributes: CookieAttributes
}

/**
 * A browser's cookies over several requests. It drops what it is told to drop and never looks at Max-Age: like a
 * client that keeps and replays its cookies, so that a limit which holds here holds without the browser's help.
 */
export class TestBrowser {
  readonly cookies = new Map<string, string>()
  /** Every cookie that was sent to it, in order. */
  readonly received: SentCookie[] = []

  /** The jar of one more request. `readOnly`: as while a Server Component renders, or from the moment it says so. */
  jar({ readOnly = false }: { readOnly?: boolean | (() => boolean) } = {}): CookieJar {
    const refuse = (late: boolean) => {
      if (typeof readOnly === 'function' ? readOnly() : readOnly)
        throw new SessionReadOnlyError(late ? 'response-begun' : 'render', { late })
    }
    const sent = new Map(this.cookies)
    return {
      get: (name) => sent.get(name),
      set: (name, value, attributes) => {
        refuse(true)
        this.received.push({ name, value, attributes })
        if (attributes.maxAge === 0) this.cookies.delete(name)
        else this.cookies.set(name, value)
      },
      assertWritable: () => refuse(false),
    }
  }

  /** Another browser with a copy of these cookies, as a thief has it. */
  copy(): TestBrowser {
    const copy = new TestBrowser()
    for (const [name, value] of this.cookies) copy.cookies.set(name, value)
    return copy
  }
}
