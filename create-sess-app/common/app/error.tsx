'use client'

import styles from './page.module.css'

/** Shown when the session store does not respond. The session is kept, so it helps to try again. */
export default function ErrorPage({ retry }: { retry: () => void }) {
  return (
    <main className={styles.page}>
      <h1>Something went wrong</h1>
      <p>Your session is kept. Please try again in a moment.</p>
      <button type="button" onClick={() => retry()}>
        Try again
      </button>
    </main>
  )
}
