'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/app/_ui/form'
import { Notice } from '@/app/_ui/text'
import { useHydrated } from '@/app/_ui/use-hydrated'

/** Sends both requests at the same time, which a page can do with JavaScript only. */
export function RunBoth({ run }: { run: string }) {
  const router = useRouter()
  // Its place is kept until it works, so that nothing moves. Without JavaScript the two buttons below do the same.
  const look = useHydrated() ? '' : 'invisible noscript:hidden'
  const [isRunning, setIsRunning] = useState(false)
  const [problem, setProblem] = useState('')

  async function sendBoth() {
    setIsRunning(true)
    setProblem('')
    try {
      await Promise.all(['left', 'right'].map((tab) => send(tab, run)))
      router.push(`/two-tabs?run=${run}`)
      router.refresh() // the layout too: its card shows the session as it is now
    } catch {
      setProblem('The server did not answer. Try again when it does.')
    }
    setIsRunning(false)
  }

  return (
    <div className={look}>
      <Button type="button" disabled={isRunning} onClick={sendBoth}>
        Save from both at once
      </Button>
      {problem !== '' && <Notice alert>{problem}</Notice>}
    </div>
  )
}

function send(tab: string, run: string): Promise<Response> {
  const body = new FormData()
  body.set('tab', tab)
  body.set('run', run)
  return fetch('/api/two-tabs', { method: 'POST', body, redirect: 'manual' })
}
