'use client'

import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { Button } from '@/app/(course)/_ui/form'
import { Notice } from '@/app/(course)/_ui/text'
import { useHydrated } from '@/app/(course)/_ui/use-hydrated'

/** Sends both requests at the same time. Only JavaScript can do this. */
export function RunBoth({ run }: { run: string }) {
  const router = useRouter()
  // The button keeps its place until it works, so that the page does not shift. Without JavaScript, the two buttons below
  // do the same.
  const look = useHydrated() ? '' : 'invisible noscript:hidden'
  const [isRunning, setIsRunning] = useState(false)
  const [problem, setProblem] = useState('')

  async function sendBoth() {
    setIsRunning(true)
    setProblem('')
    try {
      await Promise.all(['left', 'right'].map((tab) => send(tab, run)))
      router.push(`/two-tabs?run=${run}`)
      router.refresh() // the layout too, because its card shows the session
    } catch {
      setProblem('The server did not respond. Try again later.')
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
