// `npm run create -- ../my-app`: the command as it stands in this clone, run as `npx create-sess-app` would run it.
// @ts-check
import { spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import './prepack.mjs'

// This npm script has the clone's settings, and a Node of its own on the PATH. The command and the app get the machine's.
const entries = Object.entries(process.env).filter(
  ([name]) => !/^(?:npm_(?!config_(?:user_agent|registry|cache)$)|NODE$)/.test(name),
)
const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'))
const { status } = spawnSync(
  process.env.npm_node_execpath ?? process.execPath,
  [fileURLToPath(new URL('bin.mjs', import.meta.url)), ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...Object.fromEntries(entries), PATH: path.join(delimiter) } },
)
process.exitCode = status ?? 1
