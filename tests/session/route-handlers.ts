import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NodeNextRequest, NodeNextResponse } from 'next/dist/server/base-http/node'
import { AppRouteRouteModule } from 'next/dist/server/route-modules/app-route/module'
import { sendResponse } from 'next/dist/server/send-response'
import {
  NextRequestAdapter,
  signalFromNodeResponse,
} from 'next/dist/server/web/spec-extension/adapters/next-request'

type Handler = (request: Request) => Promise<Response>

/**
 * A server with one Route Handler, run by Next's own module for Route Handlers and sent by Next's own function: what
 * `next start` does with it, without a build. The lines between the two are those of Next's template.
 */
export async function serveHandler(handler: Handler): Promise<{
  url: string
  /** Whether the headers of the latest response have left. */
  hasSentHeaders(): boolean
  /** Whether the client has all of the latest response, or has gone. */
  isClosed(): boolean
  close(): Promise<void>
}> {
  let latest: ServerResponse | undefined
  const module = new AppRouteRouteModule({
    definition: {
      kind: 'APP_ROUTE',
      page: '/api/test/route',
      pathname: '/api/test',
      filename: 'route',
      bundlePath: 'app/api/test/route',
    },
    distDir: '',
    relativeProjectDir: '',
    resolvedPagePath: 'app/api/test/route.ts',
    nextConfigOutput: undefined,
    userland: () => ({ GET: handler }) as never,
  } as ConstructorParameters<typeof AppRouteRouteModule>[0])

  const server = createServer(async (req, res) => {
    latest = res
    const request = new NodeNextRequest(req)
    const response = new NodeNextResponse(res)
    try {
      const context = {
        params: undefined,
        previewProps: undefined,
        renderOpts: {
          experimental: { authInterrupts: false },
          cacheComponents: false,
          isDraftMode: false,
          waitUntil: () => {},
          onClose: (listener: () => void) => void res.on('close', listener),
        },
        sharedContext: { buildId: 'test' },
      }
      const answer = await module.handle(
        NextRequestAdapter.fromNodeNextRequest(request, signalFromNodeResponse(res)),
        context as never,
      )
      await sendResponse(request, response, answer, undefined)
    } catch {
      await sendResponse(request, response, new Response(null, { status: 500 }))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/test`,
    hasSentHeaders: () => latest?.headersSent ?? false,
    isClosed: () => latest?.destroyed ?? false,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
