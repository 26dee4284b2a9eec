import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls, Field } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Text } from '@/app/_ui/text'
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
      <Text>The data stays, the token changes. {store === 'cookie' ? COOKIE : SERVER}</Text>
    </>
  )
}

const COOKIE =
  'Whoever copied the old cookie before a sign-in learns nothing of what comes after it. But nothing on the server can end that copy: until its time limits it opens what it held. A store on the server ends it at once.'
const SERVER =
  'The old token is dead at once: whoever planted or copied the old cookie before a sign-in has nothing afterwards.'
