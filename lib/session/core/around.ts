import type { SessionStore } from './store'

/** Performs one call of a store: `run` makes it, on the inner store or on the one that it is given. */
export type Through = <T>(call: string, run: (store?: SessionStore) => Promise<T>) => Promise<T>

/**
 * A store around another one, with the same methods: each call of one goes through `through`, which can time it, limit
 * it, translate its errors or make it on another store. The methods must be the inner store's own properties.
 */
export function around<S extends SessionStore>(inner: S, through: Through): S {
  const calls = Object.keys(inner).filter((key) => key !== 'name')
  const methods = calls.map((call) => {
    const method = (...args: unknown[]) =>
      through(
        call,
        (store = inner) => Reflect.apply(Reflect.get(store, call), store, args) as Promise<unknown>,
      )
    return [call, method] as const
  })
  return { ...inner, ...Object.fromEntries(methods) }
}
