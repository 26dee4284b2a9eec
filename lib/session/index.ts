export * from './errors'
export type { SessionEvent } from './events'
export type { Exchange, SentCookie, StoreStep } from './exchange'
export {
  demoApiSettings,
  destroyAllSessions,
  endSession,
  getSession,
  listSessions,
  sessionExchange,
  sessionStatus,
  touchSession,
} from './next'
export type { SaveOutcome, Session } from './session'
export type { SessionData } from './session-data'
export type { ListedSession } from './store'
