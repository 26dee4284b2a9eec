import type { Adopting, Inspectable, Listing } from './abilities'
import type { SessionStore } from './store'

export type StoreCall = Exclude<keyof (SessionStore & Adopting & Listing & Inspectable), 'name'>

/** Performs one call of a store: `run` makes it, on the inner store or on the one that it is given. */
export type Through = <T>(call: StoreCall, run: (store?: SessionStore) => Promise<T>) => Promise<T>

/**
 * A store around another one, with the same methods: each call of one goes through `through`, which can time it, limit
 * it, translate its errors or make it on another store. The methods must be the inner store's own properties.
 */
export function around<S extends SessionStore>(inner: S, through: Through): S {
  const calls = Object.keys(inner).filter((key) => key !== 'name') as StoreCall[]
  const methods = calls.map((call) => {
    const method = (...args: unknown[]) =>
      through(call, (store = inner) => {
        const methods = store as unknown as Record<StoreCall, (...args: unknown[]) => Promise<never>>
        return methods[call](...args)
      })
    return [call, method] as const
  })
  return { ...inner, ...Object.fromEntries(methods) }
}
