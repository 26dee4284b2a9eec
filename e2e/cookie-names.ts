export const SESSION_COOKIE = '__Host-sess'
export const TOUCH_COOKIE = '__Host-sess_touch'
/** Tells the page after an action what it did; only where SESSION_TRACE is on. */
export const TRACE_COOKIE = '__Host-sess_trace'
