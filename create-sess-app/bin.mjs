#!/usr/bin/env node
// Before anything else is imported: an older Node would fail on it with a stack trace.
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 12)) {
  const message = `create-sess-app needs Node 20.12 or later; this is ${process.versions.node}. https://nodejs.org has it.`
  if (process.argv.includes('--json')) console.log(JSON.stringify({ error: { message, exitCode: 1 } }))
  else console.error(message)
  process.exitCode = 1
} else {
  await import('./dist/main.mjs')
}
