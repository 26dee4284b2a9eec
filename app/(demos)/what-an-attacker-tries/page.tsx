import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls } from '@/app/_ui/form'
import { ownUrl } from '@/app/_ui/own-url'
import type { SearchParams } from '@/app/_ui/search-params'
import { Terminal } from '@/app/_ui/terminal'
import { Text } from '@/app/_ui/text'
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
        <Text>There is nothing to steal yet: you have no session.</Text>
        <Button>Begin a session</Button>
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
        Each button makes the server send a request to itself, as an attacker would, and shows what the answer
        says. A cookie that is not sound opens nothing, and is never adopted as a new session’s.
      </Text>
      <Terminal lines={[`curl -b ${cookieName}=anything ${await ownUrl('/api/session')}`]} />
      {store === 'cookie' && (
        <Text>
          <strong>Replay is the one attack that the cookie store does not stop.</strong> For a minute this
          process remembers that your session got a new token, and refuses the old one. After that, or in
          another process, a copied seal opens until its time limits: no server keeps anything that could end
          it. Any other store ends it for good.
        </Text>
      )}
    </>
  )
}
