import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commitAll, git, read, write } from './apps'
import { contentsOf, newFolder, run, runCommand } from './cli'

/** An app with the course, committed, and the lean one of the same name. */
async function twins(...flags: string[]): Promise<{ app: string; lean: string }> {
  const [one, other] = [newFolder(), newFolder()]
  const quick = ['shop', '--yes', '--no-install', '--no-git', ...flags]
  await run(one, quick)
  await run(other, [...quick, '--lean'])
  const app = join(one, 'shop')
  await commitAll(app)
  return { app, lean: join(other, 'shop') }
}

/** Runs the command of the app's own README. The packages of the app are not installed. */
function removeCourse(app: string, ...flags: string[]) {
  const section = read(app, 'README.md').split('\n## The course\n')[1] ?? ''
  const script = /```sh\n(?:npm run|pnpm) ([\w-]+)\n```/.exec(section)?.[1] ?? 'the README has no command'
  const [program = '', ...args] = JSON.parse(read(app, 'package.json')).scripts[script].split(' ')
  return runCommand(app, [program === 'node' ? process.execPath : program, ...args, ...flags])
}

/** All files except the secret, git's own, and the list of hashes for upgrades, which skip session-data.ts. */
function comparable(folder: string): Record<string, string> {
  const { '.env.local': _, 'lib/session/manifest.json': __, ...files } = contentsOf(folder, ['.git'])
  return files
}

describe('npm run remove-course, as the README says', () => {
  test.each([[[]], [['--only', 'redis']], [['--only', 'cookie']], [['--pm', 'pnpm']]])(
    'leaves the app that --lean makes, with %j',
    async (flags) => {
      const { app, lean } = await twins(...flags)
      const { exitCode, stderr } = await removeCourse(app)

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(comparable(app)).toEqual(comparable(lean))
    },
  )

  test('removes two folders and a script, and in other files only lines', async () => {
    const { app } = await twins()
    await removeCourse(app)
    const changes = (await git(app, 'status', '--porcelain')).split('\n')
    const removed = changes.filter((line) => line.includes('D ')).map((line) => line.slice(2).trim())

    expect(removed.filter((path) => !/^"?(?:app\/\(course\)|e2e\/course)\//.test(path))).toEqual([
      'scripts/remove-course.mjs',
    ])
    expect((await git(app, 'diff', '--numstat', '--diff-filter=M')).split('\n')).toEqual([
      expect.stringMatching(/^0\t\d+\t.env.example$/),
      expect.stringMatching(/^0\t\d+\tREADME.md$/),
      expect.stringMatching(/^0\t2\tapp\/page.tsx$/),
      expect.stringMatching(/^0\t2\tlib\/session\/session-data.ts$/),
      expect.stringMatching(/^0\t2\tnext.config.ts$/),
      expect.stringMatching(/\tpackage.json$/),
    ])
  })

  test('keeps your own files, lines, keys, packages and scripts', async () => {
    const { app } = await twins()
    write(app, 'app/cart/page.tsx', 'mine')
    write(app, 'app/page.tsx', `// mine\n${read(app, 'app/page.tsx')}`)
    const data = read(app, 'lib/session/session-data.ts')
    write(app, 'lib/session/session-data.ts', data.replace('visits: number\n', 'cart: string[]\n'))
    write(app, 'README.md', `${read(app, 'README.md')}\nMore.\n`)
    const manifest = JSON.parse(read(app, 'package.json'))
    manifest.dependencies.zzz = '1.0.0'
    manifest.scripts.deploy = 'mine'
    write(app, 'package.json', JSON.stringify(manifest))
    await git(app, 'add', '--all')
    await git(app, 'commit', '--quiet', '--message', 'more work')
    expect((await removeCourse(app)).exitCode).toBe(0)

    expect(read(app, 'app/cart/page.tsx')).toBe('mine')
    expect(read(app, 'app/page.tsx')).toMatch(/^\/\/ mine\n/)
    expect(read(app, 'app/page.tsx')).not.toMatch(/course/i)
    expect(read(app, 'lib/session/session-data.ts')).toContain('  cart: string[]\n')
    expect(read(app, 'README.md')).toContain('More.')
    const after = JSON.parse(read(app, 'package.json'))
    expect(after.dependencies.zzz).toBe('1.0.0')
    expect(after.scripts).toMatchObject({ deploy: 'mine', dev: manifest.scripts.dev })
    expect(after.scripts).not.toHaveProperty('remove-course')
    expect(Object.keys(after.devDependencies)).not.toContain('tailwindcss')
  })

  test.each([
    ['a changed lesson', 'app/(course)/get/page.tsx'],
    ['a new file in the course', 'app/(course)/get/mine.ts'],
    ['a changed file that names the course', 'app/page.tsx'],
  ])('stops before it removes anything, and names %s that is not committed', async (_, path) => {
    const { app } = await twins()
    write(app, path, 'mine')
    const before = contentsOf(app, ['.git'])
    const { exitCode, stderr } = await removeCourse(app)

    expect(exitCode).toBe(1)
    expect(stderr).toContain(path)
    expect(contentsOf(app, ['.git'])).toEqual(before)

    expect(await removeCourse(app, '--force')).toMatchObject({ exitCode: 0, stderr: '' })
    expect(existsSync(join(app, 'app/(course)'))).toBe(false)
  })

  test('stops where there is no git repository, unless --force says otherwise', async () => {
    const cwd = newFolder()
    await run(cwd, ['shop', '--yes', '--no-install', '--no-git'])
    const app = join(cwd, 'shop')
    const { exitCode, stderr } = await removeCourse(app)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('no git repository')
    expect(existsSync(join(app, 'app/(course)'))).toBe(true)
    expect(await removeCourse(app, '--force')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  test('keeps the line ends of a file', async () => {
    const { app, lean } = await twins()
    const path = join(app, 'app/page.tsx')
    const crlf = (text: string) => text.replaceAll('\n', '\r\n')
    writeFileSync(path, crlf(readFileSync(path, 'utf8')))
    await removeCourse(app, '--force')

    expect(read(app, 'app/page.tsx')).toBe(crlf(read(lean, 'app/page.tsx')))
  })
})
