import type { StoreAbout } from '../about'

export interface MemoryOptions {
  readonly kind: 'memory'
}

export const about: StoreAbout<MemoryOptions> = {
  kind: 'memory',
  name: 'memory',
  label: 'the memory of the process',
  hint: 'for tests and development; a restart ends every session',
  packages: [],
  typePackages: [],
  mayForget: true,
  developmentOnly: 'forgets every session at a restart and belongs to one process; it is for development',
  unseen:
    'The sessions are in the memory of the server, which no other process sees; a restart of it ends them',
  variables: {},
  options: () => ({ kind: 'memory' }),
  show: () => ({}),
  place: () => [],
  open: () => import('./open'),
}
