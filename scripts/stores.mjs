// The stores that the browser tests run on, and the servers that tests need. Here because scripts, Playwright's
// configuration and the tests must all say the same.
// @ts-check

/** @typedef {'cookie' | 'file' | 'sqlite' | 'postgres' | 'redis' | 'memcached'} Store */
/** @typedef {'redis' | 'memcached' | 'postgres'} ServerName */
/** @typedef {Record<string, string | undefined>} Environment */

/** @type {readonly Store[]} */
export const STORES = ['cookie', 'file', 'sqlite', 'postgres', 'redis', 'memcached']

/** @type {readonly ServerName[]} */
export const SERVERS = ['redis', 'memcached', 'postgres']

/** What names a running server: the tests' own variable, else the one of the app, where its form fits. */
export const VARIABLES = {
  redis: { ofTests: 'TEST_REDIS_URL', ofApp: 'REDIS_URL', form: /^rediss?:\/\// },
  memcached: { ofTests: 'TEST_MEMCACHED_SERVERS', ofApp: 'MEMCACHED_SERVERS', form: /./ },
  postgres: { ofTests: 'TEST_POSTGRES_URL', ofApp: 'DATABASE_URL', form: /^postgres(?:ql)?:\/\// },
}

/**
 * The variable that carries a server to the tests.
 * @param {ServerName} server
 */
export function variableOf(server) {
  return VARIABLES[server].ofTests
}

/**
 * The server that the environment names.
 * @param {ServerName} server
 * @param {Environment} env
 * @returns {{ variable: string, value: string } | undefined}
 */
export function namedServer(server, env) {
  const { ofTests, ofApp, form } = VARIABLES[server]
  const own = env[ofTests]
  if (own) return { variable: ofTests, value: own }
  const value = env[ofApp]
  return value && form.test(value) ? { variable: ofApp, value } : undefined
}

/**
 * The stores that the shell asks for: SESSION_STORE names one, without it all of them.
 * @param {Environment} env
 * @returns {readonly Store[]}
 */
export function chosenStores(env) {
  const name = env.SESSION_STORE
  if (!name) return STORES
  if (name === 'database')
    return [namedServer('postgres', { DATABASE_URL: env.DATABASE_URL }) ? 'postgres' : 'sqlite']
  return [storeNamed(name, 'SESSION_STORE')]
}

/**
 * The store that an app runs on: what SESSION_STORE and DATABASE_URL say, else the one that it was made with. Undefined
 * for a name that is none of them; the app's own start says what is wrong with it.
 * @param {Environment} env
 * @param {Store} madeWith PostgreSQL also decides which database SESSION_STORE=database is while no DATABASE_URL says it
 * @returns {Store | undefined}
 */
export function storeOfApp(env, madeWith) {
  const name = env.SESSION_STORE?.trim() || storeVariableOf(madeWith)
  if (name !== 'database') return STORES.find((known) => known === name && storeVariableOf(known) === name)
  if (!env.DATABASE_URL) return madeWith === 'postgres' ? 'postgres' : 'sqlite'
  return namedServer('postgres', { DATABASE_URL: env.DATABASE_URL }) ? 'postgres' : 'sqlite'
}

/**
 * What SESSION_STORE calls a store.
 * @param {Store} store
 */
export function storeVariableOf(store) {
  return store === 'sqlite' || store === 'postgres' ? 'database' : store
}

/**
 * @param {string} name
 * @param {string} source what gave the name, for the message
 * @returns {Store}
 */
export function storeNamed(name, source) {
  const store = STORES.find((known) => known === name)
  if (store) return store
  throw new Error(`${source} is ${name}; the browser tests run on ${STORES.join(', ')}.`)
}

/**
 * The servers that these stores need.
 * @param {readonly Store[]} stores
 */
export function serversOf(stores) {
  return SERVERS.filter((server) => stores.some((store) => store === server))
}
