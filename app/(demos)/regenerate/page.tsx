import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls, Field } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Text } from '@/app/_ui/text'
import { getSession } from '@/lib/session'
import { regenerateSession, saveGreeting } from './actions'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
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
      <Text>
        The data stays, the token changes, and with a store on the server the old token is dead at once.
        Whoever planted or copied the old cookie before a sign-in has nothing afterwards.
      </Text>
    </>
  )
}
