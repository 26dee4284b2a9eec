// Preloaded into the command: makes one of its changes to the disk fail, or interrupts it there.
//   FAULT=ENOSPC@17     the 17th change fails
//   FAULT=ENOSPC@17-    so do those after it
//   FAULT=SIGINT@17     a Ctrl-C arrives during the 17th
// @ts-check
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const [, name = '', at, isLasting] = /^(\w+)@(\d+)(-?)$/.exec(process.env.FAULT ?? '') ?? []
let changes = 0

for (const method of /** @type {const} */ ([
  'mkdirSync',
  'mkdtempSync',
  'writeFileSync',
  'chmodSync',
  'renameSync',
])) {
  const original = /** @type {(...args: unknown[]) => unknown} */ (fs[method])
  Object.assign(fs, {
    /** @param {unknown[]} args */
    [method](...args) {
      changes += 1
      const isHit = isLasting ? changes >= Number(at) : changes === Number(at)
      if (isHit && !name.startsWith('SIG'))
        throw Object.assign(new Error(`${name}: simulated`), { code: name, path: args[0] })
      if (isHit) process.kill(process.pid, name)
      return original(...args)
    },
  })
}
syncBuiltinESMExports()
