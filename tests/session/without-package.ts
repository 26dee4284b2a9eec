// Opens the store of the environment in a process where one package is not installed; prints what an operator would read.
import { registerHooks } from 'node:module'

const [missing = ''] = process.argv.slice(2)
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === missing || specifier.startsWith(`${missing}/`)) {
      throw Object.assign(new Error(`Cannot find package '${missing}'`), { code: 'ERR_MODULE_NOT_FOUND' })
    }
    return next(specifier, context)
  },
})

const { findStartProblem } = await import('@/lib/session/start')
console.log((await findStartProblem()) ?? 'no problem')
