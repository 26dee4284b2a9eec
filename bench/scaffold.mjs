// The scaffold beside those that people know, in one run: how long the command takes without installing, and how large
// and how slow to install the app is.
//
//   npm run bench:scaffold                  all of it; takes a quarter of an hour
//   npm run bench:scaffold -- --commands    without the installs
// @ts-check
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

const RUNS = 15
const INSTALLS = 3
const CREATE_VITE = 'create-vite@9.3.0'
const CREATE_NEXT_APP = `create-next-app@${JSON.parse(readFileSync('package.json', 'utf8')).dependencies.next.replace(/\.\d+$/, '')}`

const folder = mkdtempSync(join(tmpdir(), 'sess-bench-'))
const env = {
  ...process.env,
  // As in a shell: the Node of this npm script would hide whether an app has to bring one.
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !part.includes('node_modules'))
    .join(delimiter),
  CI: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
}

try {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: 'create-sess-app',
    encoding: 'utf8',
  })
  const tarball = join(folder, name.trim())
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, tarball, CREATE_VITE])
  compareCommands(
    join(folder, 'node_modules', 'create-sess-app', 'bin.mjs'),
    join(folder, 'node_modules', 'create-vite', 'index.js'),
  )
  console.log(`\nTarball: ${(statSync(tarball).size / 1000).toFixed(0)} kB\n`)
  if (!process.argv.includes('--commands'))
    compareApps(join(folder, 'node_modules', 'create-sess-app', 'bin.mjs'))
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/**
 * The command itself, called directly, without packages and without git; in turn, so that both meet the same machine.
 * @param {string} ours
 * @param {string} theirs
 */
function compareCommands(ours, theirs) {
  /** @type {Record<string, { script: string, args: string[], ms: number[] }>} */
  const commands = {
    'create-vite, react-ts': { script: theirs, args: ['--template', 'react-ts', '--no-interactive'], ms: [] },
    'create-sess-app, demo': { script: ours, args: ['--yes', '--no-install', '--no-git'], ms: [] },
    'create-sess-app, lean': {
      script: ours,
      args: ['--yes', '--no-install', '--no-git', '--lean'],
      ms: [],
    },
  }
  for (let turn = 0; turn <= RUNS; turn++) {
    for (const [index, { script, args, ms }] of Object.values(commands).entries()) {
      const start = performance.now()
      run(process.execPath, [script, `app-${turn}-${index}`, ...args])
      if (turn > 0) ms.push(performance.now() - start) // the first one warms the disk
    }
  }
  const reference = median(commands['create-vite, react-ts']?.ms ?? [])
  console.log(`| command, no packages, no git | median of ${RUNS} | ratio |\n|---|---|---|`)
  for (const [label, { ms }] of Object.entries(commands)) {
    console.log(`| ${label} | ${median(ms).toFixed(0)} ms | ${(median(ms) / reference).toFixed(2)} |`)
  }
}

/**
 * What the apps weigh and how long their packages take from a warm cache; every app without a lock file, as it is made.
 * @param {string} ours
 */
function compareApps(ours) {
  run('npx', ['--yes', CREATE_NEXT_APP, 'next', '--yes', '--use-npm', '--skip-install', '--disable-git'])
  /** @type {Record<string, string[]>} */
  const made = {
    'every store, demo': [],
    'every store, lean': ['--lean'],
    ...Object.fromEntries(
      ['cookie', 'sqlite', 'redis'].map((store) => [`only ${store}, lean`, ['--only', store, '--lean']]),
    ),
  }
  const apps = ['next', ...Object.keys(made)]
  for (const [app, flags] of Object.entries(made)) {
    run(process.execPath, [ours, app, '--yes', '--no-install', '--no-git', ...flags])
  }
  /** @type {Record<string, number[]>} */
  const seconds = Object.fromEntries(apps.map((app) => [app, []]))
  for (let turn = 0; turn <= INSTALLS; turn++) {
    for (const app of apps) {
      for (const installed of ['node_modules', 'package-lock.json'])
        rmSync(join(folder, app, installed), { recursive: true, force: true })
      const start = performance.now()
      run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], join(folder, app))
      if (turn > 0) seconds[app]?.push((performance.now() - start) / 1000) // the first one fills npm's cache
    }
  }
  const reference = { mb: megabytes('next'), seconds: median(seconds.next ?? []) }
  console.log(
    '| app | runtime dependencies | installed | ratio | npm install | ratio |\n|---|---|---|---|---|---|',
  )
  for (const app of apps) {
    const { dependencies } = JSON.parse(readFileSync(join(folder, app, 'package.json'), 'utf8'))
    const mb = megabytes(app)
    const time = median(seconds[app] ?? [])
    console.log(
      `| ${app === 'next' ? CREATE_NEXT_APP : app} | ${Object.keys(dependencies).length} | ${mb} MB | ${(mb / reference.mb).toFixed(2)} | ${time.toFixed(1)} s | ${(time / reference.seconds).toFixed(2)} |`,
    )
  }
}

/** @param {string} app */
function megabytes(app) {
  return Number(
    execFileSync('du', ['-sm', join(folder, app, 'node_modules')], { encoding: 'utf8' }).split('\t')[0],
  )
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? NaN
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {string} [cwd]
 */
function run(command, args, cwd = folder) {
  mkdirSync(cwd, { recursive: true })
  const { status, stderr, error } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`)
}
