/** `import source from './actions.ts?source'` imports the text of the file. `source-loader.mjs` prepares it. */
declare module '*?source' {
  const source: import('./_ui/source-listing').Source
  export default source
}
