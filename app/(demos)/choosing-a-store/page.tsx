import { Fact, Facts } from '@/app/_ui/facts'
import { Button } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Text } from '@/app/_ui/text'
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
          {cookieBytes} bytes:{' '}
          {store === 'cookie' ? 'the whole session, sealed' : 'a random token, nothing else'}
        </Fact>
      </Facts>
      <form action={timeSave}>
        <Button>Save once and time it</Button>
      </form>
      <Text>
        Begin with <code>cookie</code>: it needs no server. Change when sessions hold more than some 2800
        bytes, when requests save at the same time, or when a stolen session has to end at once.
      </Text>
      <StoreTable now={store} />
    </>
  )
}
