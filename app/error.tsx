'use client'

import { Button } from './_ui/form'
import { Text } from './_ui/text'

/** The page that failed, most often because the session store did not answer. The cookies stay as they were. */
export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div className="flex flex-col items-start gap-5">
      <h1 className="text-balance font-bold text-4xl leading-tight tracking-tight sm:text-5xl">
        This page could not be shown
      </h1>
      <Text>
        The server met an error. Most often the session store did not answer in time. Your session is not
        lost: its cookie is untouched, and your data is there again when the store is.
      </Text>
      <Button type="button" onClick={() => retry()}>
        Try again
      </Button>
      <Digest error={error} />
    </div>
  )
}

/** The number under which the server logged the error; its message stays on the server. */
function Digest({ error }: { error: unknown }) {
  if (!(error instanceof Error && 'digest' in error)) return null
  return (
    <Text>
      The server’s log has the cause under <code>{String(error.digest)}</code>.
    </Text>
  )
}
