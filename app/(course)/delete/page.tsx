import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
import { getSession } from '@/lib/session'
import { deleteFirst, fillBoth } from './actions'

export default async function Page() {
  const session = await getSession()

  return (
    <>
      <Facts>
        <Fact label="delete.first" field="first">
          {session.get('delete.first', 'absent')}
        </Fact>
        <Fact label="delete.second" field="second">
          {session.get('delete.second', 'absent')}
        </Fact>
      </Facts>
      <form>
        <Controls>
          <Button formAction={fillBoth}>Save both keys</Button>
          <Button quiet formAction={deleteFirst}>
            Delete the first
          </Button>
        </Controls>
      </form>
      <Text>
        <code>delete</code> returns <code>true</code> when the key existed, and <code>false</code> otherwise.
        Deleting a key that does not exist changes nothing.
      </Text>
    </>
  )
}
