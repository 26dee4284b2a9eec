// Checks the start with a copy of lib/session, in a process of its own; prints what an operator would read.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder = '.'] = process.argv.slice(2)
const start = await import(pathToFileURL(resolve(folder, 'start.ts')).href)
console.log((await start.findStartProblem()) ?? 'no problem')
