'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button, Controls } from '@/app/(course)/_ui/form'
import { Answer } from '@/app/(course)/_ui/terminal'
import { useHydrated } from '@/app/(course)/_ui/use-hydrated'

export function CallButtons() {
  const router = useRouter()
  const [answer, setAnswer] = useState('')
  // The buttons keep their place until they work, so that the page does not shift. Without JavaScript, the link and the
  // curl lines do the same.
  const look = useHydrated() ? 'contents' : 'invisible contents noscript:hidden'

  async function call(method: string, body?: object) {
    try {
      const response = await fetch('/api/session', { method, ...(body && { body: JSON.stringify(body) }) })
      setAnswer(`${method} ${response.status}\n${await response.text()}`)
      router.refresh() // the page around this button reads the session again
    } catch {
      setAnswer(`${method}: the server did not respond. Try again later.`)
    }
  }

  return (
    <div className={look}>
      <Controls>
        <Button type="button" onClick={() => call('PATCH', { increment: { 'route-handler.count': 1 } })}>
          Add one with PATCH
        </Button>
        <Button type="button" quiet onClick={() => call('GET')}>
          GET
        </Button>
        <Button type="button" quiet onClick={() => call('DELETE')}>
          DELETE
        </Button>
      </Controls>
      <Answer text={answer} />
    </div>
  )
}
