import { Fact, Facts } from '@/app/_ui/facts'
import { Button } from '@/app/_ui/form'
import { Text } from '@/app/_ui/text'
import { getSession } from '@/lib/session'
import { countVisit } from './actions'

export default async function Page() {
  const session = await getSession()
  const visits = session.get('get.visits', 0)

  return (
    <>
      <Facts>
        <Fact label="Visits counted" field="visits">
          {visits}
        </Fact>
      </Facts>
      <form action={countVisit}>
        <Button>Count a visit</Button>
      </form>
      <Text>
        This page only reads. Until something is saved there is no session, and <code>get</code> answers its
        second argument.
      </Text>
    </>
  )
}
