// What of the repository does not become part of an app, and what must never be published.
// @ts-check

/** The repository's own: its tests, checks, documents and tools. Everything else that git tracks is the template. */
export const REPO_ONLY = [
  /^\.ci\//,
  /^\.github\//,
  /^\.env\.production$/, // opens the demo API, which an app must not do by itself
  /^(?:AGENTS|CHANGELOG|CONTRIBUTING|README|SECURITY)\.md$/,
  /^(?:biome|package|package-lock|registry)\.json$/,
  /^LICENSE$/,
  /^(?:drizzle|vitest)\.config\.ts$/,
  /^(?:bench|create-sess-app|docs|tests)\//,
  /^drizzle\/\w+\/meta\//,
  /^public\/r\//,
  // What is tested with the library's own test helpers, with routes made for a test, or with generated requests.
  /^e2e\/(?:(?:file|memcached|postgres|redis|sqlite)-store\.spec|server-store|store-in-trouble)\.ts$/,
  /^e2e\/(?:routes\/|late-writes\.spec\.ts$|hostile-[\w-]+(?:\.spec)?\.ts$)/,
  /^scripts\/(?!(?:announced-servers|app-copy|browser|ensure-secret|env-files|programs|servers|source-loader|stores)\.mjs$|sessions(?:\.ts$|\/))/,
]

/** A name that may hold a secret or somebody's data stops the packing, however it came to be tracked. */
const DENIED = [
  /(?:^|\/)\.env(?!\.example$)/,
  /(?:^|\/)\.npmrc$/,
  /(?:^|\/)(?:node_modules|\.next|data|test-results|coverage)\//,
  /(?:^|\/)id_(?:rsa|ed25519|ecdsa)/,
  /\.(?:pem|key|p12|pfx|db|sqlite|sqlite3|log|tsbuildinfo)$/,
  /(?:^|\/)\.DS_Store$/,
]

/** @param {readonly string[]} paths */
export function findDenied(paths) {
  return paths.filter((path) => DENIED.some((pattern) => pattern.test(path)))
}
