import fc from 'fast-check'
import { SESSION_COOKIE, TOUCH_COOKIE, TRACE_COOKIE } from './cookie-names'

/** What a test sends, said without the values of a run: a seed gives the same one, filled with other tokens. */
export interface HostileRequest<Kind extends string> {
  kind: Kind
  header: HostileText
  /** The account that the proxy hands to a page of the same request, as a client forges it. */
  accountHeader: HostileText | undefined
}

export interface HostileText {
  pieces: readonly Piece[]
  /** Made to the whole text, one after the other. */
  edits: readonly Edit[]
}

type Piece = string | { filler: number } | { victim: number; part: Part; edits: readonly Edit[] }

/** A cookie of a victim; `front` and `back` are the session cookie's two halves. */
type Part = 'session' | 'touch' | 'account' | 'front' | 'back'

type Edit =
  | { kind: 'flip'; at: number; bit: number }
  | { kind: 'cut'; at: number }
  | { kind: 'insert'; at: number; text: string }
  | { kind: 'remove'; at: number; length: number }
  | { kind: 'repeat'; at: number; length: number }
  | { kind: 'percent'; at: number; length: number }

export interface CookieValues {
  session: string
  touch: string
  account: string
}

/** `at` of an edit is a place in this many parts of a text, so that it means something in texts of any length. */
const PLACES = 1000

/** Bytes that one parser of cookies takes for space, or for an end, and another does not. */
const ODD = [
  ' ',
  '  ',
  '\t',
  '\u00a0',
  '\u0085',
  '"',
  '%',
  '%20',
  '%3B',
  '%00',
  '~',
  ',',
  '\\',
  '\u00ff',
  '\u000b',
]

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({
    kind: fc.constant('flip' as const),
    at: fc.nat(PLACES),
    bit: fc.constantFrom(0, 1, 2, 3, 4, 5, 7),
  }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(PLACES) }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: fc.nat(PLACES),
    text: fc.constantFrom(...ODD, ';', '; ', '=', '.', '*', 'A'),
  }),
  fc.record({
    kind: fc.constant('remove' as const),
    at: fc.nat(PLACES),
    length: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({
    kind: fc.constant('repeat' as const),
    at: fc.nat(PLACES),
    length: fc.integer({ min: 1, max: 80 }),
  }),
  fc.record({
    kind: fc.constant('percent' as const),
    at: fc.nat(PLACES),
    length: fc.integer({ min: 1, max: 80 }),
  }),
)

const seldomEdits = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(edit, { minLength: 1, maxLength: 3 }) },
)

/** A byte of Latin-1 that may stand in a header: others never reach Next. */
const latin1 = fc
  .string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .map((code) => (code === 0x7f ? '\t' : String.fromCharCode(code))),
    maxLength: 20,
  })
  .filter((text) => !text.includes(';'))

const name = fc.oneof(
  { weight: 6, arbitrary: fc.constant(SESSION_COOKIE) },
  { weight: 3, arbitrary: fc.constantFrom(TOUCH_COOKIE, TRACE_COOKIE) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', ...ODD),
        fc.constantFrom(SESSION_COOKIE, TOUCH_COOKIE),
        fc.constantFrom('', ...ODD),
      )
      .map(([before, own, after]) => before + own + after),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        'sess',
        'SESS',
        '__host-sess',
        '__HOST-SESS',
        '__Host-Sess',
        '__Secure-sess',
        '__Secure-__Host-sess',
      ],
      ...[
        '__Host-__Host-sess',
        '%5F%5FHost-sess',
        '__Host%2Dsess',
        '"__Host-sess"',
        '__Host-sess_',
        '_Host-sess',
      ],
      ...['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a', '$Version', 'Path', 'Domain'],
    ),
  },
  { weight: 1, arbitrary: latin1.map((text) => text.replaceAll('=', '')) },
)

/** Spaces and tabs at the end of a name are its own, and so is everything that is not `; `. */
const separator = fc.oneof(
  { weight: 5, arbitrary: fc.constant('; ') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        ';',
        ';;',
        '; ;',
        ';  ',
        ' ; ',
        ', ',
        ',',
        ';\t',
        '; \t',
        ';\u00a0',
        '; \u00a0',
        ';\u0085',
        '; \u0085',
      ],
      ...['\t; ', '\u00a0; ', '&', '; \u00a0; ', ';\u00a0\u00a0'],
    ),
  },
)

/** @param victims how many there are */
export function hostileRequests<Kind extends string>(
  kind: fc.Arbitrary<Kind>,
  victims: number,
): fc.Arbitrary<HostileRequest<Kind>> {
  const victim = fc.nat(victims - 1)
  const whole = (part: Part, edits: fc.Arbitrary<readonly Edit[]> = fc.constant([])): fc.Arbitrary<Piece[]> =>
    fc.record({ victim, part: fc.constant(part), edits }).map((piece) => [piece])
  const edited = (part: Part) => whole(part, fc.array(edit, { minLength: 1, maxLength: 2 }))
  const value: fc.Arbitrary<Piece[]> = fc.oneof(
    { weight: 8, arbitrary: whole('session') },
    { weight: 4, arbitrary: edited('session') },
    { weight: 2, arbitrary: whole('touch') },
    { weight: 2, arbitrary: edited('touch') },
    { weight: 1, arbitrary: whole('account') },
    { weight: 1, arbitrary: edited('account') },
    // The public id of one session before the seal of another.
    {
      weight: 2,
      arbitrary: fc.tuple(whole('front'), whole('back')).map(([front, back]) => [...front, ...back]),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.constantFrom('', ...ODD), whole('session'), fc.constantFrom('', '.', '~2', '=', ...ODD))
        .map(([before, pieces, after]) => [before, ...pieces, after]),
    },
    { weight: 2, arbitrary: latin1.map((text) => [text]) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom('', 'true', '__proto__', '%E0%A4%A', '%', '%00', '{}', '""', 'Fe26.2********', '..')
        .map((text) => [text]),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(43, 300, 4096, 5000, 15_000, 17_000).map((filler) => [{ filler }]),
    },
  )
  const pair = fc
    .tuple(
      name,
      fc.oneof({ weight: 12, arbitrary: fc.constant('=') }, fc.constantFrom('', '==', ' = ', '=\t')),
      value,
    )
    .map(([text, sign, pieces]) => [text, sign, ...pieces])
  // What a browser would send: the cookies of one visitor, side by side.
  const honest = fc
    .tuple(victim, fc.subarray<'touch' | 'account'>(['touch', 'account']), separator)
    .map(([index, parts, between]) => {
      const names = { session: SESSION_COOKIE, touch: TOUCH_COOKIE, account: TRACE_COOKIE }
      return (['session', ...parts] as const).flatMap((part, place): Piece[] => [
        `${place === 0 ? '' : between}${names[part]}=`,
        { victim: index, part, edits: [] },
      ])
    })
  const item = fc.oneof(
    { weight: 3, arbitrary: honest },
    { weight: 4, arbitrary: pair },
    {
      weight: 1,
      arbitrary: fc.constantFrom(SESSION_COOKIE, 'a=b', '=', '', 'theme=dark').map((text) => [text]),
    },
  )
  const pieces = fc
    .tuple(
      fc.constantFrom('', '', '', '', ...ODD, ';'),
      fc.array(fc.tuple(item, separator), { maxLength: 6 }),
    )
    .map(([start, items]): Piece[] => [
      start,
      ...items.flatMap(([own, between], index) => (index === 0 ? own : [between, ...own])),
    ])
  const accountHeader = fc.oneof(
    whole('account'),
    edited('account'),
    latin1.map((text) => [text]),
  )
  return fc.record({
    kind,
    header: fc.record({ pieces, edits: seldomEdits }),
    accountHeader: fc.option(fc.record({ pieces: accountHeader, edits: fc.constant([]) }), {
      nil: undefined,
      freq: 2,
    }),
  })
}

/** The text as it is sent, each character one byte. */
export function textOf({ pieces, edits }: HostileText, victims: readonly CookieValues[]): string {
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return piece
    if ('filler' in piece) return 'x'.repeat(piece.filler)
    const values = victims[piece.victim]
    if (values === undefined) throw new Error(`there is no victim ${piece.victim}`)
    return editedText(partOf(values, piece.part), piece.edits)
  })
  return editedText(parts.join(''), edits)
}

/** The value as a cookie store has it, cut behind its public id; any other in the middle. */
function partOf({ session, ...others }: CookieValues, part: Part): string {
  if (part === 'session') return session
  if (part === 'touch' || part === 'account') return others[part]
  const dot = session.indexOf('.')
  const middle = dot === -1 ? Math.floor(session.length / 2) : dot + 1
  return part === 'front' ? session.slice(0, middle) : session.slice(middle)
}

function editedText(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, each) => {
    const at = Math.floor((each.at / PLACES) * before.length)
    const [start, end] = [before.slice(0, at), before.slice(at)]
    if (each.kind === 'cut') return start
    if (each.kind === 'insert') return start + each.text + end
    if (each.kind === 'flip') return start + flipped(end.slice(0, 1), each.bit) + end.slice(1)
    const part = end.slice(0, each.length)
    if (each.kind === 'remove') return start + end.slice(each.length)
    return (
      start +
      (each.kind === 'repeat' ? part : percentCoded(part)) +
      end.slice(each.kind === 'repeat' ? 0 : part.length)
    )
  }, text)
}

function flipped(character: string, bit: number): string {
  if (character === '') return ''
  const other = String.fromCharCode(character.charCodeAt(0) ^ (1 << bit))
  return /[\r\n\0]/.test(other) ? '\u000b' : other // a line break would end the header
}

function percentCoded(text: string): string {
  return [...text].map((character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
}

/**
 * The values of our session cookie in a header, in its order, as Next reads them: it parts cookies at `;` and any spaces
 * behind it, takes a name as it stands, gives a pair without `=` the value "true", and leaves a value out that is no good
 * percent code. The request trimmed spaces and tabs at both ends before (RFC 9110, section 5.5).
 */
export function sessionCandidates(header: string): string[] {
  return header
    .replace(/^[\t ]+|[\t ]+$/g, '')
    .split(/; */)
    .flatMap((pair) => {
      const sign = pair.indexOf('=')
      const own = sign === -1 ? pair : pair.slice(0, sign)
      if (own !== SESSION_COOKIE) return []
      try {
        return [sign === -1 ? 'true' : decodeURIComponent(pair.slice(sign + 1))]
      } catch {
        return []
      }
    })
}

/** Whether Node's client refuses to send it, and its server to read it. */
export function isUnsendable(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text)
}
