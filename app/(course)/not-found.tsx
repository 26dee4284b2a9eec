import type { Metadata } from 'next'
import { connection } from 'next/server'
import { Text } from './_ui/text'

export const metadata: Metadata = { title: 'Not found' }

export default async function NotFound() {
  await connection() // its scripts carry the nonce of one request, so it is not prerendered
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-balance font-bold text-4xl leading-tight tracking-tight sm:text-5xl">
        There is no such page
      </h1>
      <Text>
        This site has no page at this address. Go to the <a href="/">home page</a>.
      </Text>
    </div>
  )
}
