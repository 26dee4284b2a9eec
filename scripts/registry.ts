// `npm run registry`: lib/session as an item for shadcn, `npx shadcn add <a running demo>/r/session.json`. It is what
// `create-sess-app add` writes, with the stores that need no server. The tables of stores in the docs come with it. A test
// fails when one is not current.
import { mkdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { readRepository } from '../create-sess-app/repository.mjs'
import { versionOf } from '../create-sess-app/src/package-json'
import { entryFiles, SESSION_FOLDER, sessionFiles } from '../create-sess-app/src/session-files'
import { packagesOf, type StoreId } from '../create-sess-app/src/stores'
import { storePages } from './store-tables'

/** The store for tests comes along by itself. */
const REGISTRY_STORES: readonly StoreId[] = ['cookie', 'file']

const SCHEMAS = 'https://ui.shadcn.com/schema'

/** Path → text of the generated files. */
export function registryFiles(): Readonly<Record<string, string>> {
  const repository = readRepository()
  const template = { ...repository, read: (source: string) => repository.read(source).toString() }
  // Relative, so that no alias is needed: shadcn puts them beside `app`, at the top or under `src`.
  const { proxy, instrumentation } = entryFiles(template, './lib/session')
  const files = [
    ...sessionFiles(template, { stores: REGISTRY_STORES, sessionData: 'lean' }).map(({ path, text }) => ({
      path: `${SESSION_FOLDER}/${path}`,
      text,
    })),
    { path: 'proxy.ts', text: proxy },
    { path: 'instrumentation.ts', text: instrumentation },
  ].map(({ path, text }) => ({ path, type: 'registry:file', target: path, content: text }))

  const item = {
    name: 'session',
    type: 'registry:item',
    title: 'Web sessions',
    description:
      'lib/session: web sessions for Next.js 16, in a sealed cookie or in files, with proxy.ts and instrumentation.ts.',
    dependencies: packagesOf(REGISTRY_STORES).map((name) => `${name}@${versionOf(template.manifest, name)}`),
    files,
    envVars: { SESSION_SECRET: '' },
    docs: `Set SESSION_SECRET in .env.local to at least 32 random characters: openssl rand -base64 32 makes one. Add the line /data/ to .gitignore: the file store and SQLite keep sessions there. Name the keys of your session in ${SESSION_FOLDER}/session-data.ts; ${SESSION_FOLDER}/README.md has the rest. Another store: npx create-sess-app add --store redis`,
  }
  const index = {
    $schema: `${SCHEMAS}/registry.json`,
    name: 'sess',
    homepage: 'https://www.npmjs.com/package/create-sess-app',
    items: [{ ...item, files: files.map(({ content: _, ...file }) => file) }],
  }
  return {
    'registry.json': json(index),
    'public/r/session.json': json({ $schema: `${SCHEMAS}/registry-item.json`, ...item }),
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  mkdirSync('public/r', { recursive: true })
  for (const [path, text] of Object.entries(storePages())) writeFileSync(path, text) // lib/session/README.md is in the item
  for (const [path, text] of Object.entries(registryFiles())) writeFileSync(path, text)
}
