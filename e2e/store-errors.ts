/** The only errors that a server on a broken store may print. */
export const STORE_ERRORS = { errors: /^ *⨯ Error \[SessionStoreError\]: The session store "\w+" failed to / }
