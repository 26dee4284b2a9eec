import localFont from 'next/font/local'

// From packages, so that no build asks another site for them. The Latin subset; other scripts fall back to the system's
// fonts. Next measures the fallback to the same widths, so that nothing moves.

export const sans = localFont({
  src: '../node_modules/@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2',
  weight: '400 900',
  display: 'optional', // a font that comes late waits for the next page: nothing moves
  variable: '--font-schibsted-grotesk',
  fallback: ['ui-sans-serif', 'system-ui', 'sans-serif'],
})

export const mono = localFont({
  src: '../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  weight: '100 800',
  display: 'optional',
  variable: '--font-jetbrains-mono',
  fallback: ['ui-monospace', 'Menlo', 'Consolas', 'monospace'],
  adjustFontFallback: false, // it measures against Arial, which is not monospaced
})
