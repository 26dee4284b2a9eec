/** A server on a broken store prints no error either: what failed is a counted event. */
export const STORE_ERRORS = { errors: /^\{"source":"session","event":"store-failed",/ }
