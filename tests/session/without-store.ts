// Opens the store of the environment in a process whose copy of lib/session lacks one; prints what an operator would read.
import { installedStores } from '@/lib/session/stores/installed'

const [kind = ''] = process.argv.slice(2)
Reflect.deleteProperty(installedStores, kind)

const { findStartProblem } = await import('@/lib/session/start')
console.log((await findStartProblem()) ?? 'no problem')
