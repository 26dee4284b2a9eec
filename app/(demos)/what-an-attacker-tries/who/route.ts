import { getSession } from '@/lib/session'

/** Whether whoever asks has a live session, and nothing of what is in it. */
export async function GET() {
  const session = await getSession()
  return Response.json({ known: session.id !== null })
}
