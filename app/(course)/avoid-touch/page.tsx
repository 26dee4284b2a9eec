import { LifeBars } from '@/app/(course)/_live/life-bars'
import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
import { UtcTime } from '@/app/(course)/_ui/utc-time'
import { getSession, sessionStatus } from '@/lib/session'
import { begin, switchAvoidTouch, touchNow } from './actions'

export default async function Page() {
  const session = await getSession()
  const { avoidTouch: avoidedForAll, idleSeconds, absoluteSeconds, touchSeconds } = await sessionStatus()
  const { createdAt, lastSeenAt, expiresAt } = session

  if (createdAt === null || lastSeenAt === null || expiresAt === null) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>You have no session yet, so nothing can expire.</Text>
        <Button>Save something first</Button>
      </form>
    )
  }

  const now = Date.now()
  const secondsSince = (date: Date) => (now - date.getTime()) / 1000
  return (
    <>
      <LifeBars
        key={now}
        limits={[
          {
            label: 'Until the idle limit',
            secondsLeft: idleSeconds - secondsSince(lastSeenAt),
            ofSeconds: idleSeconds,
          },
          {
            label: 'Until the absolute limit',
            secondsLeft: absoluteSeconds - secondsSince(createdAt),
            ofSeconds: absoluteSeconds,
          },
        ]}
      />
      <Facts>
        <Fact label="Expires" field="expires-at">
          <UtcTime date={expiresAt} />
        </Fact>
        <Fact label="Seconds left" field="seconds-left">
          {Math.ceil(-secondsSince(expiresAt))}
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
          <Button quiet formAction={touchNow}>
            Touch it by hand
          </Button>
        </Controls>
      </form>
      <Text>
        <a href="/avoid-touch">Reload</a> and compare. While avoid touch is off, a visit sets the expiry to{' '}
        {idleSeconds} seconds from now, at most once every {touchSeconds} seconds, and the first bar is full
        again. While it is on, visiting pages does not help: the first bar keeps falling until you save
        something. Nothing refills the second bar.
      </Text>
      {avoidedForAll && (
        <Text>
          The server runs with <code>SESSION_AVOID_TOUCH=true</code>, so avoid touch is on for all sessions.
          Turning it off here has no effect.
        </Text>
      )}
    </>
  )
}
