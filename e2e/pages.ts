import { lessonLinks } from '@/app/(course)/lessons'

/** The path of home and of every lesson. */
export const PAGES: readonly string[] = ['/', ...lessonLinks.map(({ href }) => href)]
