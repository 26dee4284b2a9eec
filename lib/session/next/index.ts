import 'server-only'
import { watchResponses } from '../response'

export { destroyAllSessions, destroySession, listSessions } from './admin'
export { getSession } from './request'
export { sessionStatus } from './status'
export { sessionTrace } from './trace'
export { touchSession } from './visit'

watchResponses() // for an app without `instrumentation.ts`; it may miss the first request
