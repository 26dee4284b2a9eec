import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { regenerateSession, saveGreeting } from './actions'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { store } = await sessionStatus()
  const { before } = await searchParams

  return (
    <>
      <Facts>
        <Fact label="Greeting" field="greeting">
          {session.get('regenerate.greeting', 'nothing')}
        </Fact>
        {before && (
          <Fact label="Public id before" field="id-before">
            {before}
          </Fact>
        )}
        <Fact label={before ? 'Public id after' : 'Public id'} field="id-after">
          {session.id ?? 'none yet'}
        </Fact>
      </Facts>
      <form action={saveGreeting}>
        <Controls>
          <Field label="Greeting" name="greeting" defaultValue="Hello" maxLength={80} />
          <Button quiet>Save</Button>
        </Controls>
      </form>
      <form action={regenerateSession}>
        <Button>Regenerate</Button>
      </form>
      <Text>The data stays and the token changes. {store === 'cookie' ? COOKIE : SERVER}</Text>
    </>
  )
}

const COOKIE =
  'If an attacker copied the cookie before a sign-in, the copy shows nothing of what is saved afterwards. But the server cannot end the copy: until it expires, it opens the data of that time. A store on the server ends it at once.'
const SERVER =
  'The old token stops working at once. If an attacker planted or copied the cookie before a sign-in, it is useless afterwards.'
