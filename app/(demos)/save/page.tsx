import { Fact, Facts } from '@/app/_ui/facts'
import { Button, Controls, Field } from '@/app/_ui/form'
import type { SearchParams } from '@/app/_ui/search-params'
import { Notice, Text } from '@/app/_ui/text'
import { getSession } from '@/lib/session'
import { saveNote } from './actions'

export default async function Page({ searchParams }: { searchParams: SearchParams }) {
  const session = await getSession()
  const { error, bytes, limit, heaviest } = await searchParams

  return (
    <>
      {error === 'too-large' && (
        <Notice alert>
          Refused, and nothing was stored. The session would need {bytes} bytes and the limit is {limit}.
          Heaviest keys: {heaviest}. The note below is the old one.
        </Notice>
      )}
      {error === 'ended' && <Notice alert>The session had ended meanwhile. Nothing was stored.</Notice>}
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
      <Text>
        The cookie store keeps the whole session in one cookie, and a browser takes 4096 bytes. A store on the
        server has room for more.
      </Text>
      <form action={saveNote}>
        <Button quiet name="note" value={'x'.repeat(5000)}>
          Try to save 5000 bytes
        </Button>
      </form>
    </>
  )
}
