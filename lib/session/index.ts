export * from './errors'
export type { SessionEvent } from './events'
export type { Exchange, SentCookie, StoreStep } from './exchange'
export {
  demoApiSettings,
  destroyAllSessions,
  getSession,
  sessionExchange,
  sessionStatus,
  touchSession,
} from './next'
export type { SaveOutcome, Session } from './session'
export type { SessionData } from './session-data'
