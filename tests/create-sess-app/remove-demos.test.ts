import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { read, write } from './apps'
import { contentsOf, newFolder, run, runCommand } from './cli'

/** An app with demos, and the lean one of the same name. */
async function twins(...flags: string[]): Promise<{ app: string; lean: string }> {
  const [one, other] = [newFolder(), newFolder()]
  const quick = ['shop', '--yes', '--no-install', '--no-git', ...flags]
  await run(one, quick)
  await run(other, [...quick, '--lean'])
  return { app: join(one, 'shop'), lean: join(other, 'shop') }
}

/** The command that the app's own README names, where its packages are not installed. */
function removeDemos(app: string, ...flags: string[]) {
  const script = /^```sh\nnpm run ([\w-]+)\n```/m.exec(read(app, 'README.md'))?.[1] ?? 'remove-demos'
  const [program = '', ...args] = JSON.parse(read(app, 'package.json')).scripts[script].split(' ')
  return runCommand(app, [program === 'node' ? process.execPath : program, ...args, ...flags])
}

/** But for the secret, and the list of hashes that an upgrade goes by: it never asks about the keys of the session. */
function comparable(folder: string): Record<string, string> {
  const { '.env.local': _, 'lib/session/manifest.json': __, ...files } = contentsOf(folder)
  return files
}

describe('npm run remove-demos, as the README says', () => {
  test.each([[[]], [['--only', 'redis']], [['--only', 'cookie']], [['--pm', 'pnpm']]])(
    'leaves the app that --lean makes, with %j',
    async (flags) => {
      const { app, lean } = await twins(...flags)
      const { exitCode, stderr } = await removeDemos(app)

      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
      expect(comparable(app)).toEqual(comparable(lean))
    },
  )

  test('leaves your own files, keys, packages and scripts', async () => {
    const { app } = await twins()
    write(app, 'app/cart/page.tsx', 'mine')
    write(app, 'app/(demos)/get/mine.ts', 'mine')
    const data = read(app, 'lib/session/session-data.ts')
    write(app, 'lib/session/session-data.ts', data.replace(/\}\s*$/, '  cart: string[]\n}\n'))
    write(app, 'README.md', `${read(app, 'README.md')}\nMore.\n`)
    const manifest = JSON.parse(read(app, 'package.json'))
    manifest.dependencies.zzz = '1.0.0'
    manifest.scripts.deploy = 'mine'
    write(app, 'package.json', JSON.stringify(manifest))
    const { exitCode, stdout } = await removeDemos(app)

    expect(exitCode).toBe(0)
    expect(stdout).toContain('README.md, which you changed')
    expect(read(app, 'app/cart/page.tsx')).toBe('mine')
    expect(read(app, 'app/(demos)/get/mine.ts')).toBe('mine')
    expect(existsSync(join(app, 'app/(demos)/get/page.tsx'))).toBe(false)
    expect(read(app, 'lib/session/session-data.ts')).toMatch(
      /\{\n {2}visits: number\n[\s\S]* {2}cart: string\[\]\n\}/,
    )
    expect(read(app, 'README.md')).toContain('More.')
    const after = JSON.parse(read(app, 'package.json'))
    expect(after.dependencies.zzz).toBe('1.0.0')
    expect(after.scripts).toMatchObject({ deploy: 'mine', dev: manifest.scripts.dev })
    expect(after.scripts).not.toHaveProperty('remove-demos')
    expect(Object.keys(after.devDependencies)).not.toContain('tailwindcss')
  })

  test('stops before anything where you changed a file of the demos, and names it', async () => {
    const { app, lean } = await twins()
    write(app, 'app/page.tsx', 'mine')
    const before = contentsOf(app)
    const { exitCode, stderr } = await removeDemos(app)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('  app/page.tsx\n')
    expect(contentsOf(app)).toEqual(before)

    expect(await removeDemos(app, '--keep')).toMatchObject({ exitCode: 0 })
    expect(comparable(app)).toEqual({ ...comparable(lean), 'app/page.tsx': 'mine' })
  })

  test('--force takes that too; line ends that git changed are no change of yours', async () => {
    const { app, lean } = await twins()
    write(app, 'app/page.tsx', 'mine')
    const path = join(app, 'app/layout.tsx')
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('\n', '\r\n'))
    const { exitCode, stdout } = await removeDemos(app, '--force')

    expect(exitCode).toBe(0)
    expect(stdout).not.toContain('kept')
    expect(comparable(app)).toEqual(comparable(lean))
  })
})
