import { cookies } from 'next/headers'
import { partsOf } from '@/app/(course)/_live/cookie-parts'
import { CookiePicture } from '@/app/(course)/_live/cookie-picture'
import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls } from '@/app/(course)/_ui/form'
import { Notice, Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { begin, flipOneBit } from './actions'

export default async function Page() {
  const session = await getSession()
  const { store, cookieName, cookieBytes } = await sessionStatus()
  const value = (await cookies()).get(cookieName)?.value

  if (value === undefined) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>You have no session cookie yet.</Text>
        <Button>Save something first</Button>
      </form>
    )
  }

  const isUnknown = session.id === null
  return (
    <>
      {isUnknown && (
        <Notice>
          The server could not verify your cookie, so it treated you as a new visitor. That is not an error.
          It happens when a bit is wrong, and also when the session has ended.
        </Notice>
      )}
      <Facts>
        <Fact label="This visitor" field="visitor">
          {isUnknown ? 'unknown' : `known, ${session.id}`}
        </Fact>
        <Fact label="Keys in the session" field="size">
          {session.size}
        </Fact>
        <Fact label="Cookie" field="cookie-bytes">
          {cookieName}, {cookieBytes} bytes with its name
        </Fact>
      </Facts>
      <Controls>
        <form action={flipOneBit}>
          <Button quiet={isUnknown}>{isUnknown ? 'Flip it back' : 'Flip one bit'}</Button>
        </form>
        {isUnknown && (
          <form action={begin}>
            <Button quiet>Start a new session</Button>
          </form>
        )}
      </Controls>
      <CookiePicture parts={partsOf(value)} />
      <Text>
        {store === 'cookie'
          ? 'The cookie is encrypted and signed. Without the secret, it cannot be read or changed. The flipped bit is in the middle of the ciphertext.'
          : 'The token is random and names a record in the store. With one bit changed, it is a token the server never issued. It matches no session, and the server will not accept it for a new one.'}{' '}
        While the server does not know you, any save starts a new session and replaces the cookie. You can
        then no longer flip the bit back.
      </Text>
    </>
  )
}
