import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls, Field } from '@/app/_ui/form'
import { Text } from '@/app/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { sayName } from './actions'

export default async function Page() {
  const session = await getSession()
  const { cookieBytes } = await sessionStatus()

  return (
    <>
      <Facts>
        <Fact label="The request says" field="request">
          GET /why-sessions
        </Fact>
        <Fact label="Its cookie" field="cookie">
          {cookieBytes === 0 ? 'none' : `${cookieBytes} bytes that only this server can read`}
        </Fact>
        <Fact label="So you are" field="name">
          {session.get('why-sessions.name', 'a stranger')}
        </Fact>
      </Facts>
      <form action={sayName}>
        <Controls>
          <Field label="Your name" name="name" maxLength={80} />
          <Button>Say who you are</Button>
        </Controls>
      </form>
      <Text>
        Think of a cloakroom. You hand in a coat and get a ticket. Nobody there needs to know your face: who
        brings the ticket gets the coat. <strong>The session is the coat, the cookie is the ticket.</strong>{' '}
        So a ticket must be impossible to guess, stop working one day, and be changed when it may have been
        copied. The other pages are about that.
      </Text>
    </>
  )
}
