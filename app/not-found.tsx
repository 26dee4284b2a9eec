import type { Metadata } from 'next'
import Link from 'next/link'
import { connection } from 'next/server'
import { Text } from './_ui/text'

export const metadata: Metadata = { title: 'Not found' }

export default async function NotFound() {
  await connection() // its scripts carry the nonce of their request: never prerendered
  return (
    <div className="flex flex-col gap-5">
      <h1 className="text-balance font-bold text-4xl leading-tight tracking-tight sm:text-5xl">
        There is no such page
      </h1>
      <Text>
        The address leads nowhere. All demos are listed on the{' '}
        <Link href="/" prefetch={false}>
          home page
        </Link>
        .
      </Text>
    </div>
  )
}
