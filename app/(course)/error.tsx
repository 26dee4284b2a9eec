'use client'

import { Button } from './_ui/form'
import { Text } from './_ui/text'

/** Shown when a page fails, usually because the session store did not respond. The visitor's cookies stay unchanged. */
export default function ErrorPage({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div className="flex flex-col items-start gap-5">
      <h1 className="text-balance font-bold text-4xl leading-tight tracking-tight sm:text-5xl">
        This page could not be shown
      </h1>
      <Text>
        The server had an error. Usually the session store did not respond in time. Your session is not lost:
        your cookie is unchanged, and your data will be available again when the store is.
      </Text>
      <Button type="button" onClick={() => retry()}>
        Try again
      </Button>
      <Digest error={error} />
    </div>
  )
}

/** The number of the error in the server's log. The error's message is not sent to browsers. */
function Digest({ error }: { error: unknown }) {
  if (!(error instanceof Error && 'digest' in error)) return null
  return (
    <Text>
      The cause is in the server’s log, under <code>{String(error.digest)}</code>.
    </Text>
  )
}
