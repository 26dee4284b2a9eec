import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls } from '@/app/(course)/_ui/form'
import { ownUrl } from '@/app/(course)/_ui/own-url'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Terminal } from '@/app/(course)/_ui/terminal'
import { Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { attack, begin } from './actions'
import { attacks } from './attacks'
import { Outcome } from './outcome'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { store, cookieName } = await sessionStatus()

  if (session.id === null) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>You have no session yet, so there is nothing to steal.</Text>
        <Button>Start a session</Button>
      </form>
    )
  }

  return (
    <>
      <Outcome {...(await searchParams)} />
      <Facts>
        <Fact label="Your secret" field="secret">
          {session.get('what-an-attacker-tries.secret', 'none')}
        </Fact>
        <Fact label="Your public id" field="id">
          {session.id}
        </Fact>
      </Facts>
      <form action={attack}>
        <Controls>
          {Object.entries(attacks).map(([name, { label }]) => (
            <Button key={name} name="attack" value={name} quiet>
              {label}
            </Button>
          ))}
        </Controls>
      </form>
      <Text>
        Each button makes the server send a request to itself with the attacker’s cookie, and shows the
        response. The server ignores an invalid cookie and never uses its value for a new session.
      </Text>
      <Terminal lines={[`curl -b ${cookieName}=anything ${await ownUrl('/api/session')}`]} />
      {store === 'cookie' && (
        <Text>
          <strong>The cookie store cannot stop a replay.</strong> For one minute, this process remembers that
          your session got a new token, and rejects the old one. Later, or in another process, a copied cookie
          works until it expires, because the server keeps nothing that could end it. Every other store ends
          it at once.
        </Text>
      )}
    </>
  )
}
