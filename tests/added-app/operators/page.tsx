// Reads no session of a visitor: without a word from the library it would be made once, while the app is built.
import { Suspense } from 'react'
import { listSessions, sessionStatus } from '@/lib/session'

async function Sessions() {
  const { store } = await sessionStatus()
  return <p>{store === 'cookie' ? 'in the browsers' : (await listSessions()).length}</p>
}

export default function Page() {
  return (
    <Suspense>
      <Sessions />
    </Suspense>
  )
}
