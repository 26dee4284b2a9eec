/** Production rejects secrets that take fewer than 2^45 guesses. The weakest random one, of 32 digits, takes about 2^100. */
const MIN_BITS = 45
/** What one more character of a word, a sequence or a repetition adds (Shannon 1951: less than one bit in English). */
const BITS_OF_EXPECTED = 0.3

/**
 * Whether a person made the secret up instead of drawing it at random: words, sequences, repetitions, few different
 * characters. The estimate comes from the shape of the secret, so it needs no list of known secrets. A character that the
 * ones before it make likely counts next to nothing; every other one counts as many bits as the variety of characters gives.
 */
export function isGuessable(secret: string): boolean {
  if (repeatedUnit(secret) < MIN_CHARACTERS || isPhrase(secret)) return true
  const characters = [...secret.split(SEPARATORS).join('')]
  const text = characters.map((character) => character.toLowerCase())
  const expected = new Array<boolean>(text.length).fill(false)
  markSequences(text, expected)
  markRepetitions(text, expected)
  markWords(text, expected)
  fillGaps(expected)
  const bits = Math.log2(new Set(characters).size)
  return expected.reduce((sum, isExpected) => sum + (isExpected ? BITS_OF_EXPECTED : bits), 0) < MIN_BITS
}

/** OWASP asks for 64 bits of entropy in a session's token; 32 characters leave room for any way of writing them. */
export const MIN_CHARACTERS = 32

/** The length of the part that the secret repeats, or of the whole: 3 for `abcabcab`. */
function repeatedUnit(secret: string): number {
  for (let length = 1; length <= secret.length / 2; length++) {
    if (secret.startsWith(secret.slice(length))) return length
  }
  return secret.length
}

/** Whether it is four words or more, of three letters on average, with only separators and short numbers between them. */
function isPhrase(secret: string): boolean {
  const parts = secret.split(SEPARATORS).filter((part) => part !== '')
  const words = parts.filter((part) => /^(?:[A-Z]?[a-z]+|[A-Z]+)\d{0,4}$/.test(part))
  const isNothingElse = parts.every((part) => words.includes(part) || /^\d{1,4}$/.test(part))
  return isNothingElse && words.length >= 4 && words.join('').length >= 3 * words.length
}

const SEPARATORS = /[\s_.,:;!?'-]+/

/** Rows and columns of a keyboard; letters and digits in their own order need no table. */
const KEYBOARD = [
  'qwertyuiopasdfghjklzxcvbnm',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '1234567890',
  '!@#$%^&*()',
]

/** The third of `abc`, `321`, `aaa`, `qwe` and all that follow, also where two sequences take turns: `a1b2c3`. */
function markSequences(text: readonly string[], expected: boolean[]): void {
  const places = [
    text.map((character) => character.codePointAt(0) ?? 0),
    ...KEYBOARD.map((keys) =>
      text.map((character) => (keys.includes(character) ? keys.indexOf(character) : NaN)),
    ),
  ]
  for (const place of places) {
    const step = (at: number, distance: number) => (place[at] ?? NaN) - (place[at - distance] ?? NaN)
    for (const distance of [1, 2]) {
      for (let at = 2 * distance; at < text.length; at++) {
        const isSteady = step(at, distance) === step(at - distance, distance)
        if (isSteady && Math.abs(step(at, distance)) <= 1) expected[at] = true
      }
    }
  }
}

/** Marks the last of three characters that occurred before in this order. */
function markRepetitions(text: readonly string[], expected: boolean[]): void {
  const seen = new Set<string>()
  for (let at = 2; at < text.length; at++) {
    const three = text.slice(at - 2, at + 1).join('')
    if (seen.has(three)) expected[at] = true
    seen.add(three)
  }
}

const LOOKALIKES: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}

function markWords(text: readonly string[], expected: boolean[]): void {
  const asLetters = text.map((character) => LOOKALIKES[character] ?? character)
  for (const form of [text.join(''), asLetters.join('')]) {
    for (let at = 0; at < form.length; at++) {
      for (const word of WORDS.get(form.slice(at, at + 3)) ?? []) {
        if (form.startsWith(word, at)) expected.fill(true, at, at + word.length)
      }
    }
  }
}

/** One or two characters between expected ones: `a`, `my`, `is`, and what stands between words. */
function fillGaps(expected: boolean[]): void {
  for (let at = 1; at < expected.length; at++) {
    const isGap = expected[at - 1] && (expected[at + 1] || expected[at + 2])
    if (isGap) expected[at] = true
  }
}

/** Common words, and those of examples and tutorials. Shorter ones would be met in random secrets too. */
const COMMON_WORDS = `password passphrase passwd pass secret secure security session token cookie private public signing sign
crypto encrypt decrypt sealed auth admin user login root access letmein welcome trustno hunter iron openssl rand base
key change replace insert generate enter choose please example sample default demo test local dev development staging
production prod temporary placeholder dummy fake real insecure unsafe random string value text phrase word character
char letter digit number bytes bits minimum least more than long short strong super very complex really extremely length
your our their this that these those here there the and but for not with without from into before after must should need
use using set make made keep never always every only just some any all one two three four five thirty own who what when
where which will can could would have has had was were are been being else other about again another because between both
each even first found good great house just know large last left life line little live look make many might most much
name new next night nothing number often old once open order part people person place point put read right same school
see seem show side small something start state still stop story study take tell think thing time together too tree turn
under until upon water way well went while white wish without woman wonder work world write year young node react
javascript typescript server client website application company project database redis environment variable config github
vercel docker hello foobar lorem ipsum dolor amet love baby angel monkey dragon football baseball master shadow sunshine
princess superman batman qwerty correct horse battery staple quick brown fox jump over lazy dog keyboard cat nobody guess
swordfish sesame alice apple orange banana cherry lemon grape coffee pizza bread butter cheese chocolate sugar chicken
summer winter spring autumn monday tuesday wednesday thursday friday saturday sunday january february march april june july
august september october november december money black green blue yellow purple silver golden pink elephant tiger lion
bear wolf rabbit mouse bird eagle fish turtle snake spider butterfly window umbrella telescope table chair garden flower
forest mountain river ocean island beach cloud rain snow storm thunder lightning moon star planet earth fire light dark
happy lucky funny crazy sweet magic secretly power strength freedom peace friend family mother father sister brother child
children king queen prince castle knight soldier doctor teacher student music guitar piano dance dream heart hand head
face eyes morning evening today tomorrow yesterday forever never city street road bridge train plane ship car bicycle
computer internet phone camera picture paper pencil book letter eat like want come give find call feel become leave
thank sorry hope believe remember forget understand everything anything someone everyone nothing grandmother family`

/** By their first three letters. */
const WORDS = Map.groupBy(COMMON_WORDS.split(/\s+/), (word) => word.slice(0, 3))
