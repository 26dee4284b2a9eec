import { randomBytes } from 'node:crypto'

/** What iron-session made of `{ role: 'admin' }` on another site. Its secret is not known here. */
const FOREIGN_SEAL =
  'Fe26.2*1*a3c043993561cde4acfa164b78cef38837558517d7b5d3c89ea586189ac46197*a2OwsbAmpsEE0E' +
  'G7gB6O7A*IdwtZYaMWrrn5gsw9DPN4OaTJ7i4S62v0rCG-PF2rS0**68b48987325922674783e0c26235de4aa3' +
  '800e1d59169c88da46079c53558772*TEj3nxzdq3IIkQyTWcXKFuJzTDHAsikqTxLKA5m6Eh8'

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
    cookie: (own: string) => `${own.split('.', 1)[0]}.${FOREIGN_SEAL}`,
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
