import { createKeyring } from '../core/keys'
import { createRecordText, type RecordText } from '../stores/record'

export const TEST_SECRET = 'for tests only: 8cFv1Tk93ZwqLm7yXb2RjN5h'

/** As without SESSION_MAX_BYTES. */
export const MAX_BYTES = 1_048_576

/** The records of a test app with a cookie named `sess`; another secret makes them those of another app. */
export function createTestRecords(
  now: () => number,
  { secret = TEST_SECRET, maxBytes = MAX_BYTES }: { secret?: string; maxBytes?: number | undefined } = {},
): RecordText {
  return createRecordText({ keyring: createKeyring([secret], 'sess'), maxBytes, now })
}
