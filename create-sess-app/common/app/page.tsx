import { getSession } from '@/lib/session'
import { CourseLink } from './(course)/course-link'
import { countVisit, forget } from './actions'
import styles from './page.module.css'

/** A page reads the session. The actions in actions.ts change it. */
export default async function Page() {
  const session = await getSession()
  const visits = session.get('visits', 0)
  return (
    <main className={styles.page}>
      <h1>my-app</h1>
      <p>
        You have counted <output>{visits}</output> {visits === 1 ? 'visit' : 'visits'} in this browser.
      </p>
      <form>
        <button type="submit" formAction={countVisit}>
          Count a visit
        </button>
        <button type="submit" formAction={forget} disabled={session.isNew}>
          Forget me
        </button>
      </form>
      <p>
        This page is <code>app/page.tsx</code>, and its actions are in <code>app/actions.ts</code>. The keys
        of your session are in <code>lib/session/session-data.ts</code>. Everything a session can do is in{' '}
        <code>lib/session/README.md</code>.
      </p>
      <CourseLink />
    </main>
  )
}
