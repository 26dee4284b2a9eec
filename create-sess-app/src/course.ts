import type { Manifest } from './template'

/** The script of an app that removes the course. It repeats the rules of this file; a test compares the results. */
export const REMOVE_COURSE_SCRIPT = 'remove-course'
export const REMOVE_COURSE_FILE = 'scripts/remove-course.mjs'

/** The text of a file without the lines that name the course. */
export function withoutCourse(text: string): string {
  return text.replace(/^.*(?:\(course\)|<CourseLink).*\n/gm, '')
}

/** The packages that only the course needs: for its styles, its fonts, its source listings and its tests. */
export function coursePackages(manifest: Pick<Manifest, 'packages'>): string[] {
  return Object.keys(manifest.packages).filter((name) =>
    /^(?:tailwindcss$|@tailwindcss\/|@fontsource-variable\/|shiki$|@axe-core\/)/.test(name),
  )
}
