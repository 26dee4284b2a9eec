import { getSession } from '@/lib/session'

// Only in the copy that `npm run check:cache-components` builds: what an app should not do with a session.

interface Data {
  n: number
}

const WRITES = ['save', 'destroy', 'regenerate', 'touch'] as const

export async function GET(): Promise<Response> {
  const session = await getSession<Data>()
  return Response.json({ id: session.id, n: session.get('n', 0) })
}

/** `?write=`: which write; `?how=`: awaited by default, or `stream`, `throw`, `forgotten`. */
export async function POST(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const how = searchParams.get('how')
  const write = WRITES.find((name) => name === searchParams.get('write')) ?? 'save'
  const session = await getSession<Data>()

  const result = async () => {
    session.update('n', (n = 0) => n + 1)
    return session[write]().then(String, (error) => `${error.name} ${error.place}`)
  }
  if (how === 'stream') {
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(await result()))
        controller.close()
      },
    })
    return new Response(body)
  }
  if (how === 'forgotten') void result()
  else await result()
  if (how === 'throw') throw new Error('thrown after a write')
  return Response.json({})
}
