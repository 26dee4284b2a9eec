/** `import text from './actions.ts?source'` is the file's own text; the rule is in next.config.ts. */
declare module '*?source' {
  const text: string
  export default text
}
