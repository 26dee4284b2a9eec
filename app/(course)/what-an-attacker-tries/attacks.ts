import { randomBytes } from 'node:crypto'

/** iron-session made this seal of `{ role: 'admin' }` on another site, with a secret that this app does not have. */
const FOREIGN_SEAL =
  'Fe26.2*1*a3c043993561cde4acfa164b78cef38837558517d7b5d3c89ea586189ac46197*a2OwsbAmpsEE0E' +
  'G7gB6O7A*IdwtZYaMWrrn5gsw9DPN4OaTJ7i4S62v0rCG-PF2rS0**68b48987325922674783e0c26235de4aa3' +
  '800e1d59169c88da46079c53558772*TEj3nxzdq3IIkQyTWcXKFuJzTDHAsikqTxLKA5m6Eh8'

/** The cookies that an attacker who has seen a session cookie can send instead. */
export const attacks = {
  forged: {
    label: 'Forge a cookie',
    sent: 'random characters, as long as your cookie',
    cookie: (own: string) => randomBytes(own.length).toString('base64url').slice(0, own.length),
  },
  truncated: {
    label: 'Truncate yours',
    sent: 'your cookie without its last ten characters',
    cookie: (own: string) => own.slice(0, -10),
  },
  foreign: {
    label: 'Send another site’s',
    sent: 'a valid seal that says "admin", made with another site’s secret',
    cookie: (own: string) => `${own.split('.', 1)[0]}.${FOREIGN_SEAL}`,
  },
  replayed: {
    label: 'Replay an old one',
    sent: 'your old cookie, after your session got a new token',
    cookie: (own: string) => own,
  },
} as const

export type Attack = keyof typeof attacks

export function isAttack(name: unknown): name is Attack {
  return typeof name === 'string' && Object.hasOwn(attacks, name)
}
