// The stores of this copy of lib/session: one line each, and no other file names them. To leave a store out, delete its
// line and its folder, then uninstall its packages (its about.ts names them). `npx create-sess-app add --store redis` brings
// one back. To add a store, write its line and its folder: about.ts says what it needs, index.ts is the store, open.ts makes it
// from the configuration. SESSION_STORE names a store as its about.ts does. `sql/` and `disk/` are what some stores share.
export { about as cookie } from './cookie/about'
export { about as file } from './file/about'
export { about as memcached } from './memcached/about'
export { about as memory } from './memory/about'
export { about as postgres } from './postgres/about'
export { about as redis } from './redis/about'
export { about as sqlite } from './sqlite/about'
