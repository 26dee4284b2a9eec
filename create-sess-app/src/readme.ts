import type { AppChoices } from './app-files'
import { REMOVE_COURSE_SCRIPT } from './course'
import { type PackageManagerName, scriptCommand } from './package-managers'
import { prefixFor } from './project-name'
import { isOperated, STORES, type StoreChoice, type StoreId, storeOf } from './stores'

/** The README of an app: commands that work without changes, and where things are. */
export function readme(choices: AppChoices): string {
  const { packageName, packageManager, course } = choices
  const run = (script: string) => scriptCommand(packageManager, script)
  return `# ${packageName}

A Next.js app with sessions.

\`\`\`sh
${packageManager} install && ${run('dev')}
\`\`\`

Open <http://localhost:3000>. The start page counts your visits in a session.

\`\`\`sh
${packageManager} install && ${run('test')}
\`\`\`

This makes a production build and tests it in a real browser. The first run finds or installs Chromium.

## Where things are

| path | what it is |
|---|---|
| \`app/page.tsx\`, \`app/actions.ts\` | the start page reads the session; its actions change the session |
| \`lib/session/session-data.ts\` | the keys of your session and their types: start here |
| \`lib/session/README.md\` | everything a session can do |
| \`proxy.ts\` | extends the session at each visit |
| \`instrumentation.ts\` | checks the configuration when the server starts |
| \`e2e/visits.spec.ts\` | the test of the start page |
${course ? COURSE_ROW : ''}| \`.env.local\` | your secret; git ignores this file |
| \`.env.example\` | every variable with its default |
${course ? courseText(run) : ''}
## Sessions are kept in ${storeOf(choices.store).label}

${[storeText(choices), ownServerText(choices), operatorText(choices), otherStoresText(choices)].filter(Boolean).join('\n\n')}

## In production

${productionText(choices)}

## Updates

\`\`\`sh
${runner(packageManager)} upgrade
\`\`\`

This brings the latest version of \`lib/session\` and merges it with your changes.
`
}

/** Runs the latest create-sess-app without installing it. */
export function runner(packageManager: PackageManagerName): string {
  const runners = { npm: 'npx', pnpm: 'pnpm dlx', yarn: 'npx', bun: 'bunx' }
  return `${runners[packageManager]} create-sess-app@latest`
}

const COURSE_ROW = `| \`app/(course)\` | the course: lessons, their styles, and their session keys; its tests are in \`e2e/course\` |
`

function courseText(run: (script: string) => string): string {
  return `
## The course

The start page links to a course. Each lesson does one thing with your own session and shows the code it runs. When you no
longer need the course, remove it:

\`\`\`sh
${run(REMOVE_COURSE_SCRIPT)}
\`\`\`

This removes \`app/(course)\` and \`e2e/course\`, the course's packages, and the lines of other files that name the course. All
your own files stay. The command stops if git has not committed a file that it would remove or edit.

In production, \`/api/session\` and \`/sessions\` of the course respond with 404. \`.env.example\` has the variables that open them.
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

/** How the app starts a server of its own while no variable names one. */
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
  return `${which} and stop it when they end. They use an installed program or Docker. As root on Debian or Ubuntu they install it.`
}

function operatorText({ stores, packageManager }: AppChoices): string {
  if (!isOperated(stores)) return ''
  const command = `${scriptCommand(packageManager, 'sessions')}${packageManager === 'npm' ? ' --' : ''}`
  return `\`${command} doctor\` shows the configuration and tries the store. With \`--dev\` it does this for the running \`${scriptCommand(packageManager, 'dev')}\`. \`sweep\`
removes expired sessions, \`stats\` counts the sessions, and \`destroy-all\` ends all of them. These commands work in production too.`
}

function otherStoresText({ store, stores, packageManager }: AppChoices): string {
  const others = STORES.filter(({ id }) => !stores.includes(id))
  if (others.length === 0) return allStores(store)
  // One that needs no server, where there is one: what is shown then works as it stands.
  const example = others.find(({ id }) => id === (store === 'redis' ? 'sqlite' : 'redis')) ?? others[0]
  if (example === undefined) return ''
  const { server } = example
  return `This app keeps sessions in ${inWords(stores.map(storeOf))}. To use another store, run one command and set one variable. For ${example.label}:

\`\`\`sh
${runner(packageManager)} add --store ${example.id}
\`\`\`

Then set \`SESSION_STORE=${example.variable}\`${server ? ` and \`${server.variable}\`` : ''} in \`.env.local\`. You can add these in the same way: ${inWords(others.filter((each) => each !== example))}. ${MIGRATE}`
}

const MIGRATE = 'To\nkeep the sessions that visitors have, name the old store in `SESSION_MIGRATE_FROM`.'

function allStores(madeWith: StoreId): string {
  const rows = STORES.map(
    (store) => `| \`${store.variable}\` | ${store.label} | ${placeText(store, madeWith)} |`,
  )
  return `Switch stores with one variable in \`.env.local\` or in front of the command. Your code stays the same:

| \`SESSION_STORE\` | where sessions are kept | what names the place |
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
      : ` Set \`SESSION_STORE=${variable}\`${place} too. Git ignores \`.env.local\`, so it does not reach your deployment.`
  const shared = STORES.filter((each) => stores.includes(each.id) && each.server).map(({ label }) => label)
  const prefix =
    shared.length > 0
      ? ` If several apps share one ${listed(shared, 'or')}, set \`SESSION_PREFIX=${prefixFor(packageName)}\`, so that their sessions do not mix.`
      : ''
  return `Set \`SESSION_SECRET\` to at least 32 random characters (\`openssl rand -base64 32\` makes them). Use the same secret on every
server, and not the one of your \`.env.local\`.${choice}${prefix} Serve the app over https. If a value is invalid, the server does
not start and lists all problems.`
}
