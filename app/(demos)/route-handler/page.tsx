import { Fact, Facts } from '@/app/_ui/facts'
import { ownUrl } from '@/app/_ui/own-url'
import { Terminal } from '@/app/_ui/terminal'
import { Notice, Text } from '@/app/_ui/text'
import { demoApiSettings } from '@/app/api/session/settings'
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
          This API writes any key, so in production it answers 404 unless <code>SESSION_DEMO_API=true</code>.
        </Notice>
      )}
      <Facts>
        <Fact label="Count" field="count">
          {session.get('route-handler.count', 0)}
        </Fact>
      </Facts>
      <CallButtons />
      <Text>
        <a href="/api/session">GET /api/session</a> answers with your session as JSON. In a terminal, the jar
        keeps the cookies between calls:
      </Text>
      <Terminal
        lines={[
          `curl -b jar -c jar ${url}`,
          `curl -b jar -c jar -X PATCH ${url} -d '{"increment": {"route-handler.count": 1}}'`,
          `curl -b jar -c jar -X POST ${url}/regenerate`,
          `curl -b jar -c jar -X DELETE ${url}`,
        ]}
      />
      <Text>A write from another site’s page is refused with 403.</Text>
    </>
  )
}
