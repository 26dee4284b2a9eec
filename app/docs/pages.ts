export interface DocsPage {
  title: string
  html: string
}

/** The pages of the documentation by their path below `/docs`. The build replaces this file: see pages-loader.mjs. */
const pages: Readonly<Record<string, DocsPage>> = {}

export default pages
