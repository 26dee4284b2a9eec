import { LifeBars } from '@/app/_live/life-bars'
import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls } from '@/app/_ui/form'
import { Text } from '@/app/_ui/text'
import { UtcTime } from '@/app/_ui/utc-time'
import { getSession, sessionStatus } from '@/lib/session'
import { begin, switchAvoidTouch, touchNow } from './actions'

export default async function Page() {
  const session = await getSession()
  const { avoidTouch: avoidedForAll, idleSeconds, absoluteSeconds, touchSeconds } = await sessionStatus()
  const { createdAt, lastSeenAt, expiresAt } = session

  if (createdAt === null || lastSeenAt === null || expiresAt === null) {
    return (
      <form action={begin} className="flex flex-col items-start gap-6">
        <Text>There is no session yet, so nothing expires.</Text>
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
        <a href="/avoid-touch">Reload</a> and compare. While it is off, a visit moves the expiry to{' '}
        {idleSeconds} seconds from now, at most once every {touchSeconds} seconds: the first bar jumps back.
        While it is on, the expiry stands still, the bar runs down whatever one visits, and life counts from
        the last save. The second bar only ever runs down.
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
