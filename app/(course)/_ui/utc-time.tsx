/** A time in UTC, to the second. Server and browser render the same text, whatever their time zones. */
export function UtcTime({ date, absent = 'none yet' }: { date: Date | null; absent?: string }) {
  if (date === null) return absent
  const iso = date.toISOString()
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>
}
