// What of the repository does not become part of an app, and what must never be published.
// @ts-check

/** What only the repository has: its site, tests, checks, documents and tools. All else that git tracks is the template. */
export const REPO_ONLY = [
  /^\.ci\//,
  /^\.github\//,
  /^\.env\.production$/, // opens the API of the course, which an app must not do
  /^(?:AGENTS|CHANGELOG|CONTRIBUTING|README|SECURITY)\.md$/,
  /^(?:biome|package|package-lock|registry)\.json$/,
  /^LICENSE$/,
  /^(?:drizzle|vitest)\.config\.ts$/,
  /^(?:bench|create-sess-app|docs|tests)\//,
  /^drizzle\/\w+\/meta\//,
  /^public\/r\//,
  // The site's own pages, with its Content-Security-Policy. An app gets those of common/.
  /^app\/(?!\(course\)\/)/,
  /^app\/\(course\)\/page\.tsx$/,
  /^(?:next|playwright)\.config\.ts$/,
  /^lib\/content-security-policy\.ts$/,
  // An app gets the tests of its lessons, and not those of the library.
  /^e2e\/(?!(?:avoid-touch|choosing-a-store|cookie|delete-all|delete|get|no-javascript|regenerate|route-handler|save|sessions|set|two-tabs|what-an-attacker-tries|why-sessions)\.spec\.ts$|(?:axe|cookie-names|fixtures|http-visitor|keyboard|page-parts|raw|server|server-environment)\.ts$|clock\.mjs$)/,
  /^scripts\/(?!(?:browser|ensure-secret|env-files|programs|servers|stores)\.mjs$)/,
]

/** A file whose name suggests a secret or personal data stops the packing, even if git tracks it. */
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
