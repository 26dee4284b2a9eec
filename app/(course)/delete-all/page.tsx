import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
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
        This ends your session and removes everything in it, including the keys of the other lessons. With a
        store on the server, a copy of the old cookie stops working.
      </Text>
      <Text>
        <strong>With the cookie store, the server cannot end a copied cookie.</strong> The copy works until it
        expires. Only <code>SESSION_EPOCH</code> ends it earlier, and that ends all sessions.
      </Text>
    </>
  )
}
