import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls, Field } from '@/app/_ui/form'
import { Text } from '@/app/_ui/text'
import { getSession } from '@/lib/session'
import { destroySession, saveName } from './actions'

export default async function Page() {
  const session = await getSession()

  return (
    <>
      <Facts>
        <Fact label="Name" field="name">
          {session.get('delete-all.name', 'nothing')}
        </Fact>
        <Fact label="Keys in the session" field="size">
          {session.size}
        </Fact>
      </Facts>
      <form action={saveName}>
        <Controls>
          <Field label="Name" name="name" maxLength={80} />
          <Button>Save</Button>
        </Controls>
      </form>
      <form action={destroySession}>
        <Button quiet>Destroy the session</Button>
      </form>
      <Text>
        This ends your session with everything in it, the keys of the other pages too. With a store on the
        server, a copy of the old cookie then opens nothing.
      </Text>
      <Text>
        <strong>With the cookie store a copied cookie cannot be ended on the server.</strong> It works until
        its time limits. Only <code>SESSION_EPOCH</code> ends it, and that ends everyone’s sessions.
      </Text>
    </>
  )
}
