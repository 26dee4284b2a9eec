import { lessons } from './lessons'

/** The link on the home page of an app that create-sess-app made. Removing the course removes the line that shows it. */
export function CourseLink() {
  return (
    <p>
      New to sessions? <a href={`/${lessons[0].slug}`}>The course</a> explains them in {lessons.length} short
      lessons. <code>npm run remove-course</code> removes it.
    </p>
  )
}
