import type { AppChoices } from './app-files'
import { type PackageManagerName, scriptCommand } from './package-managers'
import { prefixFor } from './project-name'
import { REMOVE_DEMOS_SCRIPT } from './removal'
import { isOperated, STORES, type StoreChoice, type StoreId, storeOf } from './stores'

/** The README of an app: commands that work as they stand, and where things are. */
export function readme(choices: AppChoices): string {
  const { packageName, packageManager, demo } = choices
  const run = (script: string) => scriptCommand(packageManager, script)
  return `# ${packageName}

A Next.js app with web sessions, made by create-sess-app.

\`\`\`sh
${packageManager} install && ${run('dev')}
\`\`\`

Open <http://localhost:3000>: ${demo ? 'the demo pages show your own session at work, and the source that runs.' : 'the page counts your visits.'}

\`\`\`sh
${packageManager} install && ${run('test')}
\`\`\`

This makes a production build and tests it in a real browser. The first run finds or installs Chromium.

## Where things are

| path | what it is |
|---|---|
| \`lib/session/session-data.ts\` | the keys of your session and their types: begin here |
| \`lib/session/README.md\` | everything a session can do |
| \`proxy.ts\` | extends a session at each visit |
| \`instrumentation.ts\` | checks the configuration when the server starts |
${demo ? DEMO_ROWS : LEAN_ROWS}| \`.env.local\` | your secret; git ignores it |
| \`.env.example\` | every variable, with its default |
${demo ? withoutDemos(run) : ''}
## Sessions live in ${storeOf(choices.store).label}

${[storeText(choices), ownServerText(choices), operatorText(choices), otherStoresText(choices)].filter(Boolean).join('\n\n')}

## In production

${productionText(choices)}
${demo ? '\n`/api/session` answers 404 there: it writes any key of a session. `SESSION_DEMO_API=true` opens it.\n' : ''}
## A later version

\`\`\`sh
${runner(packageManager)} upgrade
\`\`\`

It brings \`lib/session\` to that version and merges what you changed in it.
`
}

/** Runs the latest create-sess-app, without installing it. */
export function runner(packageManager: PackageManagerName): string {
  const runners = { npm: 'npx', pnpm: 'pnpm dlx', yarn: 'npx', bun: 'bunx' }
  return `${runners[packageManager]} create-sess-app@latest`
}

const DEMO_ROWS = `| \`app/(demos)\`, \`app/_ui\`, \`app/_live\` | the demo pages |
| \`app/api/session\` | the session over HTTP, for trying it with curl |
| \`e2e\` | tests of the demos |
`

const LEAN_ROWS = `| \`app/page.tsx\`, \`app/actions.ts\` | read the session, and save it |
| \`e2e/visits.spec.ts\` | the test |
`

function withoutDemos(run: (script: string) => string): string {
  return `
## Without the demos

When you have seen enough:

\`\`\`sh
${run(REMOVE_DEMOS_SCRIPT)}
\`\`\`

It removes the demo pages, their tests and their packages. What stays is one page that counts visits, and its test; your own
files and your own session keys stay too. If you changed a file of the demos, it stops and lists it first.
`
}

function storeText({ store }: AppChoices): string {
  const { hint, server, variables } = storeOf(store)
  const places = variables.map(({ name, default: place }) =>
    place
      ? `\`${name}\` says where, \`${place}\` by default.`
      : `\`${name}\` names the ${server ? 'server' : 'place'}.`,
  )
  return [`${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`, ...places].join(' ')
}

/** Where no variable names a server, the app brings one up: what that means for the one who starts it. */
function ownServerText({ store, stores, packageManager }: AppChoices): string {
  // Without DATABASE_URL a database is SQLite, unless the app was made with PostgreSQL.
  const own = STORES.filter(
    ({ id, server }) => stores.includes(id) && server && (id !== 'postgres' || id === store),
  )
  if (own.length === 0) return ''
  const run = (script: string) => scriptCommand(packageManager, script)
  const scripts = `\`${run('dev')}\` and \`${run('test')}\``
  const { label, server } = storeOf(store)
  const which = server
    ? `While it is not set, ${scripts} start a ${label} of their own`
    : `${listed(
        own.map((each) => each.label),
        'and',
      )} need a server. While no variable names one, ${scripts} start one of their own`
  return `${which} and stop it at their end. They take an installed program or Docker; as root on Debian or Ubuntu they install it.`
}

function operatorText({ stores, packageManager }: AppChoices): string {
  if (!isOperated(stores)) return ''
  const command = `${scriptCommand(packageManager, 'sessions')}${packageManager === 'npm' ? ' --' : ''}`
  return `\`${command} doctor\` shows the configuration and tries the store; \`--dev\` does it for the running \`${scriptCommand(packageManager, 'dev')}\`. \`sweep\`
removes expired sessions, \`stats\` counts them, \`destroy-all\` ends them all. They work in production too.`
}

function otherStoresText({ store, stores, packageManager }: AppChoices): string {
  const others = STORES.filter(({ id }) => !stores.includes(id))
  if (others.length === 0) return allStores(store)
  // One that needs no server, where there is one: what is shown then works as it stands.
  const example = others.find(({ id }) => id === (store === 'redis' ? 'sqlite' : 'redis')) ?? others[0]
  if (example === undefined) return ''
  const { server } = example
  return `This app keeps sessions in ${inWords(stores.map(storeOf))}. Another store is one command and one variable. For ${example.label}:

\`\`\`sh
${runner(packageManager)} add --store ${example.id}
\`\`\`

Then set \`SESSION_STORE=${example.variable}\`${server ? ` and \`${server.variable}\`` : ''} in \`.env.local\`. The others are ${inWords(others.filter((each) => each !== example))}. ${MIGRATE}`
}

const MIGRATE = 'To\nkeep the sessions that visitors have, name the old store in `SESSION_MIGRATE_FROM`.'

function allStores(madeWith: StoreId): string {
  const rows = STORES.map(
    (store) => `| \`${store.variable}\` | ${store.label} | ${placeText(store, madeWith)} |`,
  )
  return `Another store is one variable in \`.env.local\`, or in front of the command; no further step, and no line of code:

| \`SESSION_STORE\` | where sessions live | what names the place |
|---|---|---|
${rows.join('\n')}

${MIGRATE.replace('\n', ' ')}`
}

/** The variables that name its place; of stores that share one, how it begins. */
function placeText({ id, variable, variables }: StoreChoice, madeWith: StoreId): string {
  const namesakes = STORES.filter((each) => each.variable === variable)
  // Without the variable it is the one that the app was made with, else the one that needs nothing more.
  const first = namesakes.find((each) => each.id === madeWith) ?? namesakes[0]
  return variables
    .map(({ name, example, default: place }) => {
      if (namesakes.length === 1) return place ? `\`${name}\`, or its default` : `\`${name}\``
      const scheme = example.replace(/(:(?:\/\/)?).*$/, '$1')
      return `\`${name}=${scheme}…\`${id === first?.id ? ', or not set' : ''}`
    })
    .join(', ')
}

function inWords(stores: readonly StoreChoice[]): string {
  return listed(
    stores.map(({ label }) => label),
    'and',
  )
}

function listed(names: readonly string[], word: 'and' | 'or'): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`
}

function productionText({ store, stores, packageName }: AppChoices): string {
  const { server, variable } = storeOf(store)
  const place = server ? ` and \`${server.variable}\`` : ''
  const choice =
    store === 'cookie'
      ? ''
      : ` Set \`SESSION_STORE=${variable}\`${place} too: git ignores \`.env.local\`, so a deployment does not get it.`
  const shared = STORES.filter((each) => stores.includes(each.id) && each.server).map(({ label }) => label)
  const prefix =
    shared.length > 0
      ? ` Where ${listed(shared, 'or')} keeps sessions, \`SESSION_PREFIX=${prefixFor(packageName)}\` keeps them apart from those of another app.`
      : ''
  return `Set \`SESSION_SECRET\` to at least 32 random characters, the same on every server and another one than here
(\`openssl rand -base64 32\` makes one).${choice}${prefix} Serve https. A bad value stops the start with one list of all problems.`
}
