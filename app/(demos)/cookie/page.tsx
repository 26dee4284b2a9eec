import { cookies } from 'next/headers'
import { partsOf } from '@/app/_live/cookie-parts'
import { CookiePicture } from '@/app/_live/cookie-picture'
import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls } from '@/app/_ui/form'
import { Notice, Text } from '@/app/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { begin, flipOneBit } from './actions'

export default async function Page() {
  const session = await getSession()
  const { store, cookieName, cookieBytes } = await sessionStatus()
  const value = (await cookies()).get(cookieName)?.value

  if (value === undefined) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>There is no cookie yet to take apart.</Text>
        <Button>Save something first</Button>
      </form>
    )
  }

  const isStranger = session.id === null
  return (
    <>
      {isStranger && (
        <Notice>
          You are a stranger now. The cookie does not open, because a bit is wrong or the session has ended.
          So this is an empty session, and nothing failed.
        </Notice>
      )}
      <Facts>
        <Fact label="This visitor" field="visitor">
          {isStranger ? 'a stranger' : `known, ${session.id}`}
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
          <Button quiet={isStranger}>{isStranger ? 'Flip it back' : 'Flip one bit'}</Button>
        </form>
        {isStranger && (
          <form action={begin}>
            <Button quiet>Begin a new session</Button>
          </form>
        )}
      </Controls>
      <CookiePicture parts={partsOf(value)} />
      <Text>
        {store === 'cookie'
          ? 'The seal is encrypted and signed. Nobody can read it or change it without the secret; the bit is flipped in the middle of the ciphertext.'
          : 'The token is random and names a record in the store. One other bit makes it a token that was never issued, which opens nothing and is never adopted.'}{' '}
        While you are a stranger, any save begins a new session, and the way back is gone.
      </Text>
    </>
  )
}
