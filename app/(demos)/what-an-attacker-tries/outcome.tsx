import { Fact, Facts } from '@/app/_ui/facts'
import { Notice } from '@/app/_ui/text'
import { attacks, isAttack } from './attacks'

const ANSWERS = {
  stranger: { notice: 'The attack opened nothing.', answer: 'status 200, a stranger with an empty session' },
  known: { notice: 'The copy still opens your session.', answer: 'status 200, and it is you' },
  error: { notice: 'The server answered with an error.', answer: 'an error; its console says more' },
  slow: { notice: 'The server has not answered yet. Try again.', answer: 'none in time' },
  none: {
    notice: 'The server could not be asked.',
    answer: 'none: this server cannot be reached at localhost from itself',
  },
}

/** What came of the last attack. Anyone can write an address, so words that nobody knows show nothing. */
export function Outcome({ attack, answer }: { attack?: unknown; answer?: unknown }) {
  if (!isAttack(attack) || typeof answer !== 'string' || !Object.hasOwn(ANSWERS, answer)) return null
  const words = ANSWERS[answer as keyof typeof ANSWERS]
  return (
    <div className="flex flex-col gap-4">
      <Notice>{words.notice}</Notice>
      <Facts>
        <Fact label="Sent" field="sent">
          {attacks[attack].sent}
        </Fact>
        <Fact label="Answer" field="answer">
          {words.answer}
        </Fact>
      </Facts>
    </div>
  )
}
