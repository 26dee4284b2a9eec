import { getSession } from '@/lib/session'

/** Tells the client whether it has a live session, and nothing of the session's content. */
export async function GET() {
  const session = await getSession()
  return Response.json({ known: session.id !== null })
}
