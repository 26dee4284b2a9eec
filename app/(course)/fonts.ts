import localFont from 'next/font/local'

// The fonts come from packages, so that the build downloads nothing from other sites. They cover Latin; other scripts use
// the system's fonts. Next gives the fallback font the same widths, so that text does not shift.

export const sans = localFont({
  src: '../../node_modules/@fontsource-variable/schibsted-grotesk/files/schibsted-grotesk-latin-wght-normal.woff2',
  weight: '400 900',
  display: 'optional', // a font that loads late is used from the next page on, so that text does not shift
  variable: '--font-schibsted-grotesk',
  fallback: ['ui-sans-serif', 'system-ui', 'sans-serif'],
})

export const mono = localFont({
  src: '../../node_modules/@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2',
  weight: '100 800',
  display: 'optional',
  variable: '--font-jetbrains-mono',
  fallback: ['ui-monospace', 'Menlo', 'Consolas', 'monospace'],
  adjustFontFallback: false, // Next compares with Arial, which is not monospaced
})
