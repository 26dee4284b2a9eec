import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { sayName } from './actions'

export default async function Page() {
  const session = await getSession()
  const { cookieBytes } = await sessionStatus()

  return (
    <>
      <Facts>
        <Fact label="Your request" field="request">
          GET /why-sessions
        </Fact>
        <Fact label="Its cookie" field="cookie">
          {cookieBytes === 0 ? 'none' : `${cookieBytes} bytes`}
        </Fact>
        <Fact label="So you are" field="name">
          {session.get('why-sessions.name', 'unknown')}
        </Fact>
      </Facts>
      <form action={sayName}>
        <Controls>
          <Field label="Your name" name="name" maxLength={80} />
          <Button>Say who you are</Button>
        </Controls>
      </form>
      <Text>
        Think of a cloakroom. You hand in your coat and get a ticket. The staff do not check your face. They
        give the coat to the person who brings the ticket.{' '}
        <strong>The session is the coat, and the cookie is the ticket.</strong> A ticket must be hard to
        guess, must expire, and must be replaced if someone may have copied it. The rest of this course shows
        how.
      </Text>
    </>
  )
}
