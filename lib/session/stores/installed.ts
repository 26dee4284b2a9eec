// The stores of this copy of lib/session: one line each, and no other file names them. To leave a store out, delete its
// line and its folder. `npx create-sess-app add --store redis` brings one back.
export { about as cookie } from './cookie/about'
export { about as file } from './file/about'
export { about as memcached } from './memcached/about'
export { about as memory } from './memory/about'
export { about as postgres } from './postgres/about'
export { about as redis } from './redis/about'
export { about as sqlite } from './sqlite/about'
