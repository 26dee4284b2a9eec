import { rm } from 'node:fs/promises'
import { expect, test } from './fixtures'
import { HttpVisitor } from './http-visitor'
import { describeLargeSessions, describeServerStore } from './server-store'
import { describeTrouble } from './store-in-trouble'

describeServerStore()
describeLargeSessions()
describeTrouble(['is down'])

test('when its directory is deleted, a visitor begins anew in a new one', async ({
  startAnother,
}, testInfo) => {
  const directory = testInfo.outputPath('sessions')
  const server = await startAnother({ SESSION_FILE_DIR: directory })
  const visitor = new HttpVisitor(server)
  await visitor.patch({ set: { a: 1 } })
  await rm(directory, { recursive: true })

  expect((await visitor.send('/get')).status).toBe(200)
  expect((await visitor.patch({ set: { b: 2 } })).data).toEqual({ b: 2 })
  expect((await visitor.session()).data).toEqual({ b: 2 })
})
