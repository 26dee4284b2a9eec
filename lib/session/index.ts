export * from './core/errors'
export type { SessionEvent } from './core/events'
export type { SaveOutcome, Session } from './core/session'
export {
  destroyAllSessions,
  destroySession,
  getSession,
  listSessions,
  sessionStatus,
  sessionTrace,
  touchSession,
} from './next'
export type { SessionData } from './session-data'
export type { ListedSession } from './stores/abilities'
export {
  SessionConfigError,
  SessionStoreError,
  SessionTooLargeError,
  SessionUnsupportedError,
} from './stores/errors'
export type { RequestTrace, SentCookie, StoreStep } from './tracing'
