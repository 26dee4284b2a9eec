import localFont from 'next/font/local'

// From @fontsource-variable/schibsted-grotesk and @fontsource-variable/jetbrains-mono 5.3.0, the Latin subset; other
// scripts fall back to the system's fonts. Next measures the fallback to the same widths, so that nothing moves.

export const sans = localFont({
  src: './schibsted-grotesk.woff2',
  weight: '400 900',
  variable: '--font-schibsted-grotesk',
  fallback: ['ui-sans-serif', 'system-ui', 'sans-serif'],
})

export const mono = localFont({
  src: './jetbrains-mono.woff2',
  weight: '100 800',
  variable: '--font-jetbrains-mono',
  fallback: ['ui-monospace', 'Menlo', 'Consolas', 'monospace'],
  adjustFontFallback: false, // it measures against Arial, which is not monospaced
})
