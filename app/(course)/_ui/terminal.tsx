import { CopyButton } from './copy-button'

const look =
  'overflow-x-auto rounded-control border border-line bg-sunken px-4 py-3.5 font-mono text-[0.8125rem] leading-6'

/** Shell commands with a copy button, one per line. */
export function Terminal({ lines }: { lines: readonly string[] }) {
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboard users need to reach what scrolls */}
      <pre tabIndex={0} className={look}>
        <code>{lines.join('\n')}</code>
      </pre>
      <CopyButton text={lines.join('\n')} of={lines[0] ?? ''} />
    </div>
  )
}

/** A server's response. Screen readers announce it when it changes. */
export function Answer({ text }: { text: string }) {
  return (
    <output
      aria-label="Response"
      className={text === '' ? 'sr-only' : `block whitespace-pre-wrap ${look} [overflow-wrap:anywhere]`}
    >
      {text}
    </output>
  )
}
