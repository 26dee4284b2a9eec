import { demoLinks } from '../app/demos'

/** The path of home and of every demo. */
export const PAGES: readonly string[] = ['/', ...demoLinks.map(({ href }) => href)]
