import { expectTypeOf, test } from 'vitest'
import type { Session } from '@/lib/session'

interface Shop {
  userId?: string
  cart: string[]
}

// Checked by `npm run typecheck`; nothing runs.
declare const session: Session<Shop>

test('a key has its own type, and may be absent whether or not it is optional', () => {
  expectTypeOf<ReturnType<typeof readUser>>().toEqualTypeOf<string | undefined>()
  expectTypeOf<ReturnType<typeof readUserOr>>().toEqualTypeOf<string>()
  expectTypeOf<ReturnType<typeof cartEntry>>().toEqualTypeOf<string[] | undefined>()
})

test('a misspelt key and a value of another type are errors', () => {
  expectTypeOf(misuse).toBeFunction()
})

const readUser = () => session.get('userId')
const readUserOr = () => session.get('userId', 'nobody')

function misuse() {
  // @ts-expect-error a misspelt key
  session.get('userid')
  // @ts-expect-error a value of another type
  session.set('cart', 'apples')
  // @ts-expect-error undefined is no user id, although the key is optional
  session.set('userId', undefined)
  // @ts-expect-error update must not be async
  session.update('cart', async (cart = []) => cart)
}

function cartEntry() {
  for (const entry of session.entries()) if (entry[0] === 'cart') return entry[1]
  return undefined
}
