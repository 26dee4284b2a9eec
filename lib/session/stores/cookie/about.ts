import type { StoreAbout } from '../about'

export interface CookieOptions {
  readonly kind: 'cookie'
}

export const about: StoreAbout<CookieOptions> = {
  kind: 'cookie',
  name: 'cookie',
  label: 'a sealed cookie',
  hint: 'no server; 2,800 bytes, kept by the browser; of two overlapping saves the last one wins',
  packages: ['iron-session'],
  typePackages: [],
  unseen: 'The sessions are in the browsers, where each ends at its time limits',
  endsByEpoch: true,
  variables: {},
  options: () => ({ kind: 'cookie' }),
  show: () => ({}),
  place: () => [],
  open: () => import('./open'),
}
