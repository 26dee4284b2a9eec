import type {} from '@/lib/session'

/** The session keys of the lessons. They belong to the course, and go with its folder. */
declare module '@/lib/session/session-data' {
  interface SessionData {
    'site.theme': 'light' | 'dark'
    'why-sessions.name': string
    'get.visits': number
    'set.colour': string
    'save.note': string
    'save.filler': string
    'delete.first': string
    'delete.second': string
    'delete-all.name': string
    'avoid-touch.note': string
    'regenerate.greeting': string
    'route-handler.count': number
    'cookie.word': string
    'two-tabs.left': string
    'two-tabs.right': string
    'choosing-a-store.saves': number
    'what-an-attacker-tries.secret': string
  }
}
