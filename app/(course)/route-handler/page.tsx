import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { ownUrl } from '@/app/(course)/_ui/own-url'
import { Terminal } from '@/app/(course)/_ui/terminal'
import { Notice, Text } from '@/app/(course)/_ui/text'
import { demoApiSettings } from '@/app/(course)/api/session/settings'
import { getSession } from '@/lib/session'
import { CallButtons } from './call-buttons'

export default async function Page() {
  const session = await getSession()
  const { enabled } = await demoApiSettings()
  const url = await ownUrl('/api/session')

  return (
    <>
      {!enabled && (
        <Notice>
          This API can write every key, so in production it responds with 404 unless you set{' '}
          <code>SESSION_DEMO_API=true</code>.
        </Notice>
      )}
      <Facts>
        <Fact label="Count" field="count">
          {session.get('route-handler.count', 0)}
        </Fact>
      </Facts>
      <CallButtons />
      <Text>
        <a href="/api/session">GET /api/session</a> returns your session as JSON. In a terminal, the file{' '}
        <code>jar</code> keeps the cookies between calls:
      </Text>
      <Terminal
        lines={[
          `curl -b jar -c jar ${url}`,
          `curl -b jar -c jar -X PATCH ${url} -d '{"increment": {"route-handler.count": 1}}'`,
          `curl -b jar -c jar -X POST ${url}/regenerate`,
          `curl -b jar -c jar -X DELETE ${url}`,
        ]}
      />
      <Text>The server rejects writes from pages of other sites with status 403.</Text>
    </>
  )
}
