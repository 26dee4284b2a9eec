import { getSession } from '@/lib/session'

export async function POST() {
  const session = await getSession()
  session.update('visits', (visits = 0) => visits + 1)
  await session.save()
  return new Response(null, { status: 204 })
}
