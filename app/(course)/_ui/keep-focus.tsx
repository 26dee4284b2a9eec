'use client'

import { type ReactNode, useEffect, useRef } from 'react'

/**
 * Keeps the keyboard focus. When a form's action redirects to its own page, Next replaces the elements of the page and the
 * focused button disappears. This moves the focus to the new element with the same name, or else to the first of its kind.
 */
export function KeepFocus({ className, children }: { className: string; children: ReactNode }) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    let last: HTMLElement | undefined
    const remember = ({ target }: FocusEvent) => {
      last = target as HTMLElement
    }
    const observer = new MutationObserver(() => {
      if (!last || last.checkVisibility() || document.activeElement !== document.body) return
      const name = nameOf(last)
      const all = element?.querySelectorAll<HTMLElement>(last.tagName) ?? []
      const alike = [...all].filter((each) => each.checkVisibility()) // with Cache Components the old elements stay in the document, hidden
      const next = alike.find((each) => nameOf(each) === name) ?? alike[0]
      next?.focus({ preventScroll: true })
    })
    element?.addEventListener('focusin', remember)
    if (element) observer.observe(element, { childList: true, subtree: true })
    return () => {
      element?.removeEventListener('focusin', remember)
      observer.disconnect()
    }
  }, [])
  return (
    <div ref={box} className={className}>
      {children}
    </div>
  )
}

function nameOf(element: HTMLElement): string {
  return `${element.getAttribute('name')} ${element.textContent}`
}
