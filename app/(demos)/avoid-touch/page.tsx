import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls } from '@/app/_ui/form'
import { Text } from '@/app/_ui/text'
import { UtcTime } from '@/app/_ui/utc-time'
import { getSession, sessionStatus } from '@/lib/session'
import { begin, switchAvoidTouch } from './actions'

export default async function Page() {
  const session = await getSession()
  const { avoidTouch: avoidedForAll, idleSeconds, touchSeconds } = await sessionStatus()

  if (session.expiresAt === null) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>There is no session yet, so nothing expires.</Text>
        <Button>Save something first</Button>
      </form>
    )
  }

  return (
    <>
      <Facts>
        <Fact label="Expires" field="expires-at">
          <UtcTime date={session.expiresAt} />
        </Fact>
        <Fact label="Seconds left" field="seconds-left">
          {Math.ceil((session.expiresAt.getTime() - Date.now()) / 1000)}
        </Fact>
        <Fact label="Avoid touch" field="avoid-touch-state">
          {session.avoidTouch ? 'on' : 'off'}
        </Fact>
      </Facts>
      <form action={switchAvoidTouch}>
        <Controls>
          <Button name="avoid" value="on" quiet={session.avoidTouch}>
            Turn on
          </Button>
          <Button name="avoid" value="off" quiet={!session.avoidTouch}>
            Turn off
          </Button>
        </Controls>
      </form>
      <Text>
        <a href="/avoid-touch">Reload</a> and compare. While it is off, a visit moves the expiry to{' '}
        {idleSeconds} seconds from now, at most once every {touchSeconds} seconds. While it is on, the expiry
        stands still, and life counts from the last save.
      </Text>
      {avoidedForAll && (
        <Text>
          <code>SESSION_AVOID_TOUCH=true</code> is set, so it is on for all sessions, whatever this one
          chooses.
        </Text>
      )}
    </>
  )
}
