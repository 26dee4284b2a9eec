import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { bin, expectNoneLeft, fakeCommand, newFolder } from './cli'
import { KEY, openTerminal, type Terminal } from './terminal'

const QUESTIONS = [
  'What is the name of your app?',
  'Where should sessions be kept?',
  'Include the course?',
  'Which package manager?',
  'Install the packages now?',
]

const COMMAND = `'${process.execPath}' '${bin()}'`

/** Takes what is proposed at every question before this one. */
async function answerUntil(terminal: Terminal, question: string): Promise<void> {
  for (const each of QUESTIONS.slice(0, QUESTIONS.indexOf(question))) {
    await terminal.see(each)
    terminal.type(KEY.enter)
  }
  await terminal.see(question)
}

describe('in a terminal', () => {
  test('it asks five questions, and Enter takes what it proposes', async () => {
    const cwd = newFolder()
    const PATH = fakeCommand('npm', 'mkdir node_modules; touch package-lock.json')
    const terminal = openTerminal(cwd, COMMAND, { PATH })
    await answerUntil(terminal, QUESTIONS[4] as string)
    terminal.type(KEY.enter)
    const { exitCode, shown } = await terminal.ended

    expect(exitCode).toBe(0)
    expect(shown).toContain('Installed with npm')
    expect(shown).toMatch(/ {2}cd my-app\r\n {2}npm run dev\r\n/)
    expect(readdirSync(join(cwd, 'my-app'))).toEqual(expect.arrayContaining(['.git', 'node_modules']))
    expect(existsSync(join(cwd, 'my-app', 'app', '(course)'))).toBe(true)
  })

  test('it does what it is told', async () => {
    const cwd = newFolder()
    const terminal = openTerminal(cwd, COMMAND)
    await terminal.see(QUESTIONS[0] as string)
    terminal.type(`shop${KEY.enter}`)
    await terminal.see(QUESTIONS[1] as string)
    terminal.type(KEY.down.repeat(4) + KEY.enter)
    await terminal.see(QUESTIONS[2] as string)
    terminal.type(`n`)
    await terminal.see(QUESTIONS[3] as string)
    terminal.type(KEY.down + KEY.enter)
    await terminal.see(QUESTIONS[4] as string)
    terminal.type('n')
    const { exitCode, shown } = await terminal.ended

    expect(exitCode).toBe(0)
    expect(shown).toMatch(/ {2}cd shop\r\n {2}pnpm install\r\n {2}pnpm dev\r\n/)
    expect(readFileSync(join(cwd, 'shop', '.env.local'), 'utf8')).toContain('SESSION_STORE=redis\n')
    expect(readdirSync(join(cwd, 'shop'))).toContain('pnpm-workspace.yaml')
    expect(existsSync(join(cwd, 'shop', 'app', '(course)'))).toBe(false)
  })

  test('each store has one honest line', async () => {
    const terminal = openTerminal(newFolder(), `${COMMAND} my-app`)
    for (const line of [
      'kept by the browser',
      'one file for each session',
      'one database file',
      'a table in your database',
      'Valkey too',
      'forgets sessions at a restart',
    ]) {
      await terminal.see(line)
      terminal.type(KEY.down)
    }
    terminal.type(KEY.ctrlC)
    await terminal.ended
  })

  test('a flag answers its question', async () => {
    const cwd = newFolder()
    const flags = 'my-app --store file --lean --pm npm --no-git'
    const terminal = openTerminal(cwd, `${COMMAND} ${flags}`)
    await terminal.see(QUESTIONS[4] as string)
    terminal.type('n')
    const { exitCode, shown } = await terminal.ended

    expect(exitCode).toBe(0)
    for (const question of QUESTIONS.slice(0, 4)) expect(shown).not.toContain(question)
  })

  test.each([
    ['--yes', {}],
    ['', { CI: '1' }],
  ])('with %s and %j it asks nothing', async (flag, env) => {
    const cwd = newFolder()
    const flags = `my-app --no-install --no-git ${flag}`
    const { exitCode, shown } = await openTerminal(cwd, `${COMMAND} ${flags}`, env).ended

    expect(exitCode).toBe(0)
    for (const question of QUESTIONS) expect(shown).not.toContain(question)
    expect(readdirSync(cwd)).toEqual(['my-app'])
  })

  test('a name that will not do is asked for again', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app'))
    writeFileSync(join(cwd, 'my-app', 'notes.txt'), 'mine')
    const terminal = openTerminal(cwd, `${COMMAND} --store cookie --lean --pm npm --no-install --no-git`)
    await terminal.see(QUESTIONS[0] as string)
    terminal.type(KEY.enter)
    await terminal.see('is not empty: notes.txt.')
    terminal.type(`http${KEY.enter}`)
    await terminal.see('http is a core module name')
    terminal.type(`-server${KEY.enter}`)

    expect(await terminal.ended).toMatchObject({ exitCode: 0 })
    expect(readdirSync(cwd)).toEqual(['http-server', 'my-app'])
  })

  test('a name on the command line that will not do ends it before a question', async () => {
    const cwd = newFolder()
    const { exitCode, shown } = await openTerminal(cwd, `${COMMAND} node_modules`).ended

    expect(exitCode).toBe(2)
    expect(shown).toContain('node_modules is not a valid package name')
    for (const question of QUESTIONS) expect(shown).not.toContain(question)
  })

  test('--json asks nothing, also when the name is missing', async () => {
    const { exitCode, shown } = await openTerminal(newFolder(), `${COMMAND} --json`).ended

    expect(exitCode).toBe(2)
    expect(JSON.parse(shown).error.exitCode).toBe(2)
  })
})

describe('at a question', () => {
  test.each(QUESTIONS)('Ctrl-C ends it with 130, and nothing is written: %s', async (question) => {
    const cwd = newFolder()
    const terminal = openTerminal(cwd, COMMAND)
    await answerUntil(terminal, question)
    terminal.type(KEY.ctrlC)
    const { exitCode, shown } = await terminal.ended

    expect(exitCode).toBe(130)
    expect(shown).toContain('Cancelled. Nothing was written.')
    expect(readdirSync(cwd)).toEqual([])
  })

  test.each([
    ['Escape', KEY.escape],
    ['Ctrl-D', KEY.ctrlD],
  ])('%s does the same', async (_, key) => {
    const cwd = newFolder()
    const terminal = openTerminal(cwd, COMMAND)
    await answerUntil(terminal, QUESTIONS[0] as string)
    terminal.type(key)

    expect(await terminal.ended).toMatchObject({ exitCode: 130 })
    expect(readdirSync(cwd)).toEqual([])
  })

  test('SIGTERM ends it with 143, and the terminal has its cursor back', async () => {
    const cwd = newFolder()
    const pid = join(newFolder(), 'pid')
    const terminal = openTerminal(cwd, `sh -c "echo \\$\\$ > ${pid}; exec ${COMMAND} my-app"`)
    await terminal.see('Where should sessions be kept?')
    process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM')
    const { exitCode, codes } = await terminal.ended

    expect(exitCode).toBe(143)
    expect(codes.lastIndexOf('\u001b[?25h')).toBeGreaterThan(codes.lastIndexOf('\u001b[?25l'))
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('while packages are installed', () => {
  test('Ctrl-C ends it with 130 and leaves no process', async () => {
    const [cwd, PIDS] = [newFolder(), newFolder()]
    const PATH = fakeCommand('npm', 'sleep 600 &\necho $! > "$PIDS/child"\necho $$ > "$PIDS/npm"\nwait')
    const terminal = openTerminal(cwd, `${COMMAND} my-app --yes --lean`, { PATH, PIDS })
    await terminal.see('Installing with npm')
    await vi.waitFor(() => expect(readdirSync(PIDS)).toHaveLength(2), { timeout: 20_000 })
    terminal.type(KEY.ctrlC)
    const { exitCode, shown } = await terminal.ended

    expect(exitCode).toBe(130)
    expect(shown).toContain('The app is complete except for its packages and its git repository.')
    expect(readdirSync(join(cwd, 'my-app'))).toContain('package.json')
    await expectNoneLeft(PIDS, ['child', 'npm'])
  })
})
