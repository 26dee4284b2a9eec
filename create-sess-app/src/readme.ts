import type { AppChoices } from './app-files'
import { type PackageManagerName, scriptCommand } from './package-managers'
import { storeOf } from './stores'

/** The README of an app: two commands that work as they stand, and where things are. */
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

A production build, and what visitors see of it in a real browser. The first run finds or installs Chromium.

## Where things are

| path | what it is |
|---|---|
| \`lib/session/session-data.ts\` | the keys of your session and their types: begin here |
| \`lib/session/README.md\` | everything a session can do |
| \`proxy.ts\` | extends a session at each visit |
| \`instrumentation.ts\` | checks the configuration when the server starts |
${demo ? DEMO_ROWS : LEAN_ROWS}| \`.env.local\` | your secret; git ignores it |
| \`.env.example\` | every variable, with its default |
${demo ? NO_MORE_DEMO : ''}
## Sessions live in ${storeOf(choices.store).place}

${storeText(choices)}
Another store is one command and one variable. For Redis:

\`\`\`sh
${runner(packageManager)} add --store redis
\`\`\`

Then set \`SESSION_STORE=redis\` and \`REDIS_URL\`. The stores are cookie, file, sqlite, postgres, redis and memcached. To
lose nobody's session on the way, name the old one in \`SESSION_MIGRATE_FROM\`.

## In production

Set \`SESSION_SECRET\` to at least 32 random characters, the same on every server and another one than here
${productionVariables(choices)}. Serve https. A bad value stops the start with one list of all problems.
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

const DEMO_ROWS = `| \`app/(demos)\`, \`app/_ui\` | the demo pages |
| \`app/api/session\` | the session over HTTP, for trying it with curl |
| \`e2e\` | tests of the demos |
`

const LEAN_ROWS = `| \`app/page.tsx\`, \`app/actions.ts\` | read the session, and save it |
| \`e2e/visits.spec.ts\` | the test |
`

const NO_MORE_DEMO = `
When you have seen enough, delete \`app/(demos)\`, \`app/_ui\`, \`app/demos.ts\`, \`app/api/session\` and their tests in \`e2e\`, and
write your own \`app/page.tsx\`.
`

function storeText({ store, packageManager }: AppChoices): string {
  const { server } = storeOf(store)
  const run = (script: string) => scriptCommand(packageManager, script)
  const operate = `\`${run('sessions')}${packageManager === 'npm' ? ' --' : ''} doctor\` looks at the configuration and tries the store; \`sweep\`, \`stats\` and \`destroy-all\` do what they say.\n\n`
  if (store === 'cookie')
    return 'The browser keeps them, encrypted: no server, about 2,800 bytes, and the last of two overlapping saves wins.\n\n'
  if (store === 'file')
    return `\`SESSION_FILE_DIR\` says where, \`./data/sessions\` by default. Expired ones are removed. ${operate}`
  if (store === 'sqlite')
    return `\`DATABASE_URL\` names the file, \`file:./data/sessions.db\` by default; it and its table make themselves. ${operate}`
  return `\`${server?.variable}\` names the server. While it is not set, \`${run('dev')}\` and \`${run('test')}\` start one of their own, from an installed program or
Docker, and stop it at their end; as root on Debian or Ubuntu they install it. ${operate}`
}

function productionVariables({ store }: AppChoices): string {
  const { server, variable } = storeOf(store)
  if (store === 'cookie') return '(`openssl rand -base64 32` makes one)'
  return `(\`openssl rand -base64 32\` makes one), \`SESSION_STORE=${variable}\`${server ? ` and \`${server.variable}\`` : ''}`
}
