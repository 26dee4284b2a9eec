'use client'

import { useActionState } from 'react'
import { Fact, Facts } from '@/app/(course)/_ui/facts'
import { Button, Controls, Field } from '@/app/(course)/_ui/form'
import { Text } from '@/app/(course)/_ui/text'
import { setColour } from './actions'

interface Colours {
  inThatRequest: string | undefined
  onTheNext: string | undefined
}

export function ColourForm(colours: Colours) {
  const [{ inThatRequest, onTheNext }, action] = useActionState<Colours, FormData>(setColour, colours)

  return (
    <form action={action} className="flex flex-col gap-6">
      <Controls>
        <Field label="Colour" name="colour" defaultValue="teal" maxLength={40} />
        <Button>Set without save</Button>
      </Controls>
      <Facts>
        <Fact label="In that request" field="that-request">
          {inThatRequest ?? 'nothing'}
        </Fact>
        <Fact label="On the next request" field="next-request">
          {onTheNext ?? 'nothing'}
        </Fact>
      </Facts>
      {inThatRequest !== undefined && (
        <Text>
          Check it: <a href="/set">reload with a new request</a>.
        </Text>
      )}
    </form>
  )
}
