import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
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
        This page only reads. While nothing is saved, there is no session, and <code>get</code> returns its
        second argument: the default.
      </Text>
    </>
  )
}
