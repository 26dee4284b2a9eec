import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Notice } from '@/app/(course)/_ui/text'
import { attacks, isAttack } from './attacks'

const ANSWERS = {
  unknown: { notice: 'The attack failed.', answer: 'status 200, with an empty session' },
  known: { notice: 'The copy still opens your session.', answer: 'status 200, with your session' },
  error: {
    notice: 'The server responded with an error.',
    answer: 'an error; the server’s console has the cause',
  },
  slow: { notice: 'The server did not respond in time. Try again.', answer: 'none in time' },
  none: {
    notice: 'The server could not send the request.',
    answer: 'none, because this server cannot reach itself at localhost',
  },
}

/** The result of the last attack. Visitors can edit the address, so unknown words in it show nothing. */
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
        <Fact label="Response" field="answer">
          {words.answer}
        </Fact>
      </Facts>
    </div>
  )
}
