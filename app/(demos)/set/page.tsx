import { Text } from '@/app/_ui/text'
import { getSession } from '@/lib/session'
import { ColourForm } from './colour-form'

export default async function Page() {
  const session = await getSession()
  const colour = session.get('set.colour')
  // Without JavaScript this page is rendered in the action's own request, and reads the same unsaved copy.
  const isUnsaved = session.changedKeys().includes('set.colour')

  return (
    <>
      <ColourForm inThatRequest={isUnsaved ? colour : undefined} onTheNext={isUnsaved ? undefined : colour} />
      <Text>
        In development, a change that is never saved is reported in the server’s console with the line that
        made it.
      </Text>
    </>
  )
}
