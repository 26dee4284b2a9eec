import { getSession } from '@/lib/session'
import { countVisit, forget } from './actions'

/** A page reads the session; what changes it is in actions.ts. */
export default async function Page() {
  const session = await getSession()
  const visits = session.get('visits', 0)
  return (
    <main>
      <h1>Visits</h1>
      <p>
        This browser has counted <output>{visits}</output> {visits === 1 ? 'visit' : 'visits'}.
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
        The keys of the session are in <code>lib/session/session-data.ts</code>, and all that a session can do
        is in <code>lib/session/README.md</code>.
      </p>
    </main>
  )
}
