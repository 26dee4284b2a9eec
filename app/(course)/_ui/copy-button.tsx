'use client'

import { useState } from 'react'
import { useHydrated } from './use-hydrated'

/** Copies a text. Browsers allow this over https and on localhost; elsewhere the button is not shown. */
export function CopyButton({ text, of }: { text: string; of: string }) {
  const canCopy = useHydrated() && navigator.clipboard !== undefined
  const [isCopied, setIsCopied] = useState(false)

  async function copy() {
    await navigator.clipboard.writeText(text)
    setIsCopied(true)
  }

  if (!canCopy) return null
  return (
    <button
      type="button"
      onClick={() => copy().catch(() => setIsCopied(false))} // the visitor denied access; the text can still be selected
      onBlur={() => setIsCopied(false)}
      className="absolute top-2 right-2 rounded-control border border-edge bg-raised px-2.5 py-1 font-medium text-ink text-tiny hover:border-accent hover:text-accent"
    >
      {isCopied ? 'Copied' : 'Copy'}
      <span className="sr-only"> {of}</span>
    </button>
  )
}
