import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button } from '@/app/(course)/_ui/form'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { timeSave } from './actions'
import { StoreTable } from './store-table'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { store, cookieBytes } = await sessionStatus()
  const { ms } = await searchParams

  return (
    <>
      <Facts>
        <Fact label="Store now" field="store">
          {store}
        </Fact>
        <Fact label="Saves" field="saves">
          {session.get('choosing-a-store.saves', 0)}
        </Fact>
        <Fact label="The last took" field="ms">
          {ms ? `${ms} ms` : 'nothing saved yet'}
        </Fact>
        <Fact label="Your cookie" field="cookie">
          {cookieBytes === 0 ? 'none yet' : `${cookieBytes} bytes: ${contentOf(store)}`}
        </Fact>
      </Facts>
      <form action={timeSave}>
        <Button>Save once and time it</Button>
      </form>
      <Text>
        Start with <code>cookie</code>, which needs no server. Switch to another store when your sessions hold
        more than about 2800 bytes, when several requests save at the same time, or when you must be able to
        end a stolen session at once.
      </Text>
      <StoreTable now={store} />
    </>
  )
}

function contentOf(store: string): string {
  return store === 'cookie' ? 'the whole session, encrypted' : 'only a random token'
}
