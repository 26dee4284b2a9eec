import { type Session, sessionStatus } from '@/lib/session'
import { toJson } from './to-json'

/** A session as the API shows it: times as ISO 8601 or null, rich values as JSON, never the token. */
export async function sessionView(session: Session<Record<string, unknown>>) {
  const { store } = await sessionStatus()
  return {
    id: session.id,
    isNew: session.isNew,
    data: toJson(session.toObject()),
    createdAt: session.createdAt?.toISOString() ?? null,
    lastSeenAt: session.lastSeenAt?.toISOString() ?? null,
    expiresAt: session.expiresAt?.toISOString() ?? null,
    avoidTouch: session.avoidTouch,
    store,
  }
}
