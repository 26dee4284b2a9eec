import getPort from 'get-port'

/** A port of 127.0.0.1 on which nothing listens now. */
export const freePort = () => getPort({ host: '127.0.0.1' })
