declare namespace NodeJS {
  /** What `instrumentation.ts` reads: an unnamed variable would not compile with `noPropertyAccessFromIndexSignature`. */
  interface ProcessEnv {
    readonly NEXT_RUNTIME?: string
    readonly NEXT_PHASE?: string
  }
}
