import { connect } from 'node:net'

/** All keys of a prefix with their values. memcached lists keys to whoever asks its LRU crawler, and to no client. */
export async function memcachedDump(server: string, prefix: string): Promise<string> {
  const listing = await ask(server, 'lru_crawler metadump all', /END\r\n$/)
  const keys = [...listing.matchAll(/^key=(\S+)/gm)].map(([, key = '']) => decodeURIComponent(key))
  const ours = keys.filter((key) => key.startsWith(prefix))
  const items = await Promise.all(ours.map((key) => ask(server, `get ${key}`, /END\r\n$/)))
  return items.join('\n')
}

/** One command of the text protocol; answers all until `end` has come. */
export function ask(server: string, command: string, end: RegExp): Promise<string> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(server) ?? []
  const socket = connect({ host, port: Number(port) })
  return new Promise((resolve, reject) => {
    let answer = ''
    socket.on('error', reject)
    socket.on('data', (data) => {
      answer += data
      if (!end.test(answer)) return
      socket.destroy()
      resolve(answer)
    })
    socket.write(`${command}\r\n`)
  })
}
