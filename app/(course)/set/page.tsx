import { Text } from '@/app/(course)/_ui/text'
import { getSession } from '@/lib/session'
import { ColourForm } from './colour-form'

export default async function Page() {
  const session = await getSession()
  const colour = session.get('set.colour')
  // Without JavaScript, the action's own request renders this page, so it reads the unsaved copy.
  const isUnsaved = session.changedKeys().includes('set.colour')

  return (
    <>
      <ColourForm inThatRequest={isUnsaved ? colour : undefined} onTheNext={isUnsaved ? undefined : colour} />
      <Text>
        In development, the server reports each change that is not saved in its console, with the line that
        made the change.
      </Text>
    </>
  )
}
