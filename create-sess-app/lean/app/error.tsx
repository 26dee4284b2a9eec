'use client'

/** What a visitor sees while the store does not answer. The session is kept: trying again is worth it. */
export default function ErrorPage({ retry }: { retry: () => void }) {
  return (
    <main>
      <h1>Something went wrong</h1>
      <p>Your session is kept. Please try again in a moment.</p>
      <button type="button" onClick={() => retry()}>
        Try again
      </button>
    </main>
  )
}
