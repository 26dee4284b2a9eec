import { Suspense } from 'react'
import { getSession } from '@/lib/session'

async function countVisit() {
  'use server'
  const session = await getSession()
  session.update('visits', (visits = 0) => visits + 1)
  await session.save()
}

async function Visits() {
  const session = await getSession()
  return <output>{session.get('visits', 0)}</output>
}

export default function Page() {
  return (
    <form action={countVisit}>
      <Suspense>
        <Visits />
      </Suspense>
      <button type="submit">Visit</button>
    </form>
  )
}
