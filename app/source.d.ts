/** `import source from './actions.ts?source'` is the file itself, made ready to show by scripts/source-loader.mjs. */
declare module '*?source' {
  const source: import('./_ui/source-listing').Source
  export default source
}
