import { SizeMeter } from '@/app/(course)/_live/size-meter'
import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import type { SearchParams } from '@/app/(course)/_ui/search-params'
import { Notice, Text } from '@/app/(course)/_ui/text'
import { getSession, sessionStatus } from '@/lib/session'
import { addFiller, removeFiller, saveNote } from './actions'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { cookieBytes, cookieLimitBytes } = await sessionStatus()
  const { error, bytes, limit, heaviest } = await searchParams

  return (
    <>
      {error === 'too-large' && (
        <>
          <Notice alert>
            The session is too large, so nothing was saved. It would need {bytes} bytes and the limit is{' '}
            {limit}. Largest keys: {heaviest}. Your old note is kept.
          </Notice>
          <SizeMeter
            label="What it would have needed"
            bytes={Number(bytes) || 0}
            limitBytes={Number(limit) || 0}
          />
        </>
      )}
      {error === 'ended' && <Notice alert>The session ended before the save. Nothing was stored.</Notice>}
      <Facts>
        <Fact label="Saved note" field="note">
          {session.get('save.note', 'nothing')}
        </Fact>
      </Facts>
      <form action={saveNote}>
        <Controls>
          <Field label="Note" name="note" maxLength={200} />
          <Button>Save</Button>
        </Controls>
      </form>
      <SizeMeter label="The session cookie" bytes={cookieBytes} limitBytes={cookieLimitBytes} />
      <form action={addFiller}>
        <Controls>
          <Button quiet>Add 600 bytes</Button>
          <Button quiet formAction={removeFiller}>
            Remove them
          </Button>
        </Controls>
      </form>
      <Text>
        The cookie store keeps the whole session in one cookie, and browsers accept up to {cookieLimitBytes}{' '}
        bytes. Add more until the save is rejected. With a store on the server, the cookie is a token and does
        not grow.
      </Text>
      <form action={saveNote}>
        <Button quiet name="note" value={'x'.repeat(5000)}>
          Try to save 5000 bytes
        </Button>
      </form>
    </>
  )
}
