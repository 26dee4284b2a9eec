/** A moment to the second, in UTC: the same words wherever the server and the visitor are. */
export function UtcTime({ date, absent = 'none yet' }: { date: Date | null; absent?: string }) {
  if (date === null) return absent
  const iso = date.toISOString()
  return <time dateTime={iso}>{`${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`}</time>
}
