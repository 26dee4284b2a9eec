import { randomBytes } from 'node:crypto'
import { sealData } from 'iron-session'

/** What can be put in the place of a session's cookie by somebody who has seen one. */
export const attacks = {
  forged: {
    label: 'Forge a cookie',
    sent: 'random characters, as long as yours',
    cookie: (own: string) => randomBytes(own.length).toString('base64url').slice(0, own.length),
  },
  truncated: {
    label: 'Cut yours short',
    sent: 'your cookie without its last ten characters',
    cookie: (own: string) => own.slice(0, -10),
  },
  foreign: {
    label: 'Bring another site’s',
    sent: 'a sound seal that says "admin", made under another site’s secret',
    cookie: async (own: string) =>
      `${own.split('.')[0]}.${await sealData({ role: 'admin' }, { password: randomBytes(32).toString('hex') })}`,
  },
  replayed: {
    label: 'Replay an old one',
    sent: 'your cookie as it was, after your session had got a new token',
    cookie: (own: string) => own,
  },
} as const

export type Attack = keyof typeof attacks

export function isAttack(name: unknown): name is Attack {
  return typeof name === 'string' && Object.hasOwn(attacks, name)
}
