// Makes what is published from the repository itself: `dist`, the bundled command, and `template`, the files of an app.
// @ts-check
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { readRepository } from './repository.mjs'
import { thirdPartyLicenses } from './third-party-licenses.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(here)
const template = join(here, 'template')

const { manifest, read } = readRepository()
rmSync(template, { recursive: true, force: true })
for (const source of Object.keys(manifest.files)) {
  const copy = join(template, ...source.split('/').map((part) => part.replace(/^\./, '_dot_')))
  mkdirSync(dirname(copy), { recursive: true })
  writeFileSync(copy, read(source))
}
writeFileSync(join(template, 'manifest.json'), `${JSON.stringify(manifest)}\n`)
cpSync(join(root, 'LICENSE'), join(here, 'LICENSE'))

rmSync(join(here, 'dist'), { recursive: true, force: true })
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  splitting: true, // a run that asks nothing does not load the prompts
  chunkNames: '[name]',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  minify: true,
  metafile: true,
  define: { VERSION: JSON.stringify(manifest.version) },
  plugins: [{ name: 'stores', setup: leaveStoresOut }],
  // What is bundled was written for `require`.
  banner: {
    js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)",
  },
  logLevel: 'warning',
})
/**
 * The command reads what stores say about themselves and opens none: their code and packages stay out of the bundle.
 * @param {import('esbuild').PluginBuild} build
 */
function leaveStoresOut(build) {
  build.onResolve({ filter: /^\.\/open$/ }, ({ path }) => ({ path, external: true }))
}

writeFileSync(join(here, 'THIRD-PARTY-LICENSES'), thirdPartyLicenses(metafile, here))
