import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentsOf, newFolder, run } from './cli'

const QUICK = ['--yes', '--no-install', '--no-git', '--lean']

const nameIn = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name

describe('a name', () => {
  test.each([
    ['my-app', 'my-app', 'my-app'],
    ['My App', 'My App', 'my-app'],
    ['naïve', 'naïve', 'naive'],
    ['@me/app', 'app', '@me/app'],
    ['@Me/My App', 'My App', '@me/my-app'],
    ['x/y/z', 'x/y/z', 'z'],
    ['my-app/', 'my-app', 'my-app'],
    ['./my-app//', 'my-app', 'my-app'],
    ['  my-app ', 'my-app', 'my-app'],
    ['.hidden', '.hidden', 'hidden'],
    ['./add', 'add', 'add'],
    ["it's $HOME", "it's $HOME", 'it-s-home'],
  ])('%j makes the folder %j with the package %j', async (typed, folder, packageName) => {
    const cwd = newFolder()

    expect(await run(cwd, [typed, ...QUICK])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(nameIn(join(cwd, folder))).toBe(packageName)
    expect(readdirSync(cwd)).toEqual([folder.split('/')[0]])
  })

  test('that is a dot is this folder', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'Shop Two'))

    expect(await run(join(cwd, 'Shop Two'), ['.', ...QUICK])).toMatchObject({ exitCode: 0 })
    expect(nameIn(join(cwd, 'Shop Two'))).toBe('shop-two')
    expect(readdirSync(cwd)).toEqual(['Shop Two'])
  })

  test('that is an absolute path is there, and not here', async () => {
    const [cwd, elsewhere] = [newFolder(), newFolder()]
    const { exitCode, stdout } = await run(cwd, [join(elsewhere, 'my-app'), ...QUICK])

    expect(exitCode).toBe(0)
    expect(nameIn(join(elsewhere, 'my-app'))).toBe('my-app')
    expect(stdout).toContain(`cd ${join(elsewhere, 'my-app')}`)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('that begins with ~ and was not seen by a shell is in the home folder', async () => {
    const [cwd, home] = [newFolder(), newFolder()]

    expect(await run(cwd, ['~/my-app', ...QUICK], { env: { HOME: home } })).toMatchObject({ exitCode: 0 })
    expect(readdirSync(home)).toEqual(['my-app'])
    expect(readdirSync(cwd)).toEqual([])
  })

  test('below a symbolic link is where the link leads', async () => {
    const [cwd, elsewhere] = [newFolder(), newFolder()]
    symlinkSync(elsewhere, join(cwd, 'link'))

    expect(await run(cwd, ['link/my-app', ...QUICK])).toMatchObject({ exitCode: 0 })
    expect(nameIn(join(elsewhere, 'my-app'))).toBe('my-app')
  })

  test('of a link to an empty folder fills that folder, and the link stays', async () => {
    const [cwd, elsewhere] = [newFolder(), newFolder()]
    symlinkSync(elsewhere, join(cwd, 'my-app'))

    expect(await run(cwd, ['my-app', ...QUICK])).toMatchObject({ exitCode: 0 })
    expect(existsSync(join(elsewhere, 'package.json'))).toBe(true)
    expect(contentsOf(cwd)).toEqual({ 'my-app': `→ ${elsewhere}` })
  })

  test.each([
    ['', 'The name is empty.'],
    ['   ', 'The name is empty.'],
    ['/', 'is the root of the disk'],
    ['node_modules', 'node_modules is not a valid package name'],
    ['favicon.ico', 'favicon.ico is not a valid package name'],
    ['http', 'http is a core module name'],
    ['日本', 'cannot be the name of a package'],
    ['a\nb', 'contains control characters'],
    ['x/..\u0007', 'contains control characters'],
    [`long-${'a'.repeat(251)}`, "a folder's name has at most 255"],
    [`long-${'a'.repeat(215)}`, 'name can no longer contain more than 214 characters'],
  ])('%j is refused with a remedy, and nothing is written', async (typed, problem) => {
    const cwd = newFolder()
    const { exitCode, stdout, stderr } = await run(cwd, [typed, ...QUICK])

    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(problem)
    expect(stderr).toContain('Give ')
    expect(stderr.trim()).not.toContain('\n')
    expect(readdirSync(cwd)).toEqual([])
  })

  test('that reads as a flag is refused even after --', async () => {
    const cwd = newFolder()
    const { exitCode, stderr } = await run(cwd, [...QUICK, '--', '-rf'])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('-rf would look like a flag')
    expect(readdirSync(cwd)).toEqual([])
  })

  test('of two words without quotes is not two apps', async () => {
    const cwd = newFolder()
    const { exitCode, stderr } = await run(cwd, ['my', 'app', ...QUICK])

    expect(exitCode).toBe(2)
    expect(stderr).toBe('Too many arguments: "app". A name with spaces goes in quotes.\n')
    expect(readdirSync(cwd)).toEqual([])
  })
})

describe('a folder', () => {
  test('that is empty is filled', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app'))

    expect(await run(cwd, ['my-app', ...QUICK])).toMatchObject({ exitCode: 0 })
    expect(nameIn(join(cwd, 'my-app'))).toBe('my-app')
  })

  test('with nothing but what an editor or git left in it is filled, and that stays', async () => {
    const cwd = newFolder()
    for (const name of ['.idea', '.vscode']) mkdirSync(join(cwd, 'my-app', name), { recursive: true })
    writeFileSync(join(cwd, 'my-app', '.vscode', 'settings.json'), '{}')
    writeFileSync(join(cwd, 'my-app', 'LICENSE'), 'mine')

    expect(await run(cwd, ['my-app', ...QUICK])).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readFileSync(join(cwd, 'my-app', 'LICENSE'), 'utf8')).toBe('mine')
    expect(readFileSync(join(cwd, 'my-app', '.vscode', 'settings.json'), 'utf8')).toBe('{}')
  })

  test('that is not empty stays as it is, and what is in it is named', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app'))
    writeFileSync(join(cwd, 'my-app', 'notes.txt'), 'mine')
    writeFileSync(join(cwd, 'my-app', 'README.md'), 'mine')
    const before = contentsOf(cwd)

    expect(await run(cwd, ['my-app', ...QUICK])).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: `${join(cwd, 'my-app')} is not empty: README.md, notes.txt. Choose another name. --force overwrites only README.md.\n`,
    })
    expect(contentsOf(cwd)).toEqual(before)
  })
})

describe('in the way', () => {
  test.each([
    ['my-app', 'is a file. Choose another name, or move it away.'],
    ['my-app/inner', 'a file is where a folder is needed'],
    ['my-app/inner/most', 'a file is where a folder is needed'],
  ])('a file, for %s', async (typed, problem) => {
    const cwd = newFolder()
    writeFileSync(join(cwd, 'my-app'), 'mine')
    const { exitCode, stderr } = await run(cwd, [typed, ...QUICK, '--force'])

    expect(exitCode).toBe(1)
    expect(stderr).toContain(join(cwd, typed))
    expect(stderr).toContain(problem)
    expect(contentsOf(cwd)).toEqual({ 'my-app': 'mine' })
  })

  test.each([
    ['to nothing', 'no-such-folder', 'my-app', 'is a symbolic link to nothing'],
    ['to nothing, above it', 'no-such-folder', 'my-app/inner', 'Choose another'],
    ['to itself', 'my-app', 'my-app', 'a symbolic link leads back to itself'],
    ['to itself, above it', 'my-app', 'my-app/inner', 'a symbolic link leads back to itself'],
  ])('a symbolic link %s', async (_, target, typed, problem) => {
    const cwd = newFolder()
    symlinkSync(target, join(cwd, 'my-app'))
    const { exitCode, stderr } = await run(cwd, [typed, ...QUICK])

    expect(exitCode).toBe(1)
    expect(stderr).toContain(problem)
    expect(stderr).not.toContain('Unexpected')
    expect(stderr.trim()).not.toContain('\n')
    expect(contentsOf(cwd)).toEqual({ 'my-app': `→ ${target}` })
  })

  test('a path too long for the system', async () => {
    const cwd = newFolder()
    const { exitCode, stderr } = await run(cwd, [`first/${'a'.repeat(300)}/app`, ...QUICK])

    expect(exitCode).toBe(1)
    expect(stderr).toContain('the path is too long. Choose a shorter one.')
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a folder where the app has a file: it stays, also with --force', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app', 'README.md'), { recursive: true })
    writeFileSync(join(cwd, 'my-app', 'README.md', 'chapter-1.txt'), 'mine')
    const before = contentsOf(cwd)
    const { exitCode, stderr } = await run(cwd, ['my-app', ...QUICK, '--force'])

    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `${join(cwd, 'my-app', 'README.md')} is a folder, and the app needs a file there. Move it away.\n`,
    )
    expect(contentsOf(cwd)).toEqual(before)
  })

  test('a file where the app has a folder: it stays, also with --force', async () => {
    const cwd = newFolder()
    mkdirSync(join(cwd, 'my-app'))
    writeFileSync(join(cwd, 'my-app', 'lib'), 'mine')
    const { exitCode, stderr } = await run(cwd, ['my-app', ...QUICK, '--force'])

    expect(exitCode).toBe(1)
    expect(stderr).toBe(
      `${join(cwd, 'my-app', 'lib')} is a file, and the app needs a folder there. Move it away.\n`,
    )
    expect(contentsOf(cwd)).toEqual({ 'my-app/': '', 'my-app/lib': 'mine' })
  })
})
