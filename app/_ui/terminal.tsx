import { CopyButton } from './copy-button'

const look =
  'overflow-x-auto rounded-control border border-line bg-sunken px-4 py-3.5 font-mono text-[0.8125rem] leading-6'

/** Commands to copy, one a line. */
export function Terminal({ lines }: { lines: readonly string[] }) {
  return (
    <div className="relative">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <pre tabIndex={0} className={look}>
        <code>{lines.join('\n')}</code>
      </pre>
      <CopyButton text={lines.join('\n')} of={lines[0] ?? ''} />
    </div>
  )
}

/** What a server answered, announced to screen readers when it changes. */
export function Answer({ text }: { text: string }) {
  return (
    <output
      aria-label="Answer"
      className={text === '' ? 'sr-only' : `block whitespace-pre-wrap ${look} [overflow-wrap:anywhere]`}
    >
      {text}
    </output>
  )
}
