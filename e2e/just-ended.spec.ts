import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { expect, test } from './fixtures'
import { fact, lesson, sessionCookies } from './page-parts'

/** A line to the server on which requests with the header `x-late` wait, as sent, until they are let through. */
async function openSlowLine(server: { url: string }) {
  const arrived = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const line = createServer(async (incoming, outgoing) => {
    if (incoming.headers['x-late'] !== undefined) {
      arrived.resolve()
      await released.promise
    }
    const { method, headers } = incoming
    const onward = request(`${server.url}${incoming.url}`, { method, headers }, (answer: IncomingMessage) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  return {
    url: `http://localhost:${(line.address() as AddressInfo).port}`,
    arrived: arrived.promise,
    release: released.resolve,
    close() {
      line.closeAllConnections()
      line.close()
    },
  }
}

/** Sends a save with the cookies of this moment; what it answers is there when the line has let it through. */
async function saveLate(page: Page): Promise<{ answer(): Promise<Record<string, unknown>> }> {
  const late = await page.evaluateHandle(() => ({
    answer: fetch('/api/session', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', 'x-late': 'yes' },
      body: JSON.stringify({ set: { late: true } }),
    }).then((response) => response.json()),
  }))
  return { answer: () => late.evaluate(({ answer }) => answer) }
}

test('a save that comes late, after the visitor got another token, leaves them signed in', async ({
  page,
  context,
  server,
}) => {
  const line = await openSlowLine(server)
  await page.goto(`${line.url}/regenerate`)
  await page.getByLabel('Greeting').fill('Good morning')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Good morning')
  const late = await saveLate(page)
  await line.arrived

  await page.getByRole('button', { name: 'Regenerate' }).click()
  await expect(fact(lesson(page), 'Public id after')).toBeVisible()
  const cookies = await sessionCookies(context)
  line.release()
  expect(await late.answer()).toMatchObject({ outcome: 'ended', id: null })

  expect(await sessionCookies(context)).toEqual(cookies)
  await page.reload()
  await expect(fact(lesson(page), 'Greeting')).toHaveText('Good morning')
  line.close()
})

test('a save that comes late, after the visitor signed out, leaves them signed out', async ({
  page,
  context,
  server,
}) => {
  const line = await openSlowLine(server)
  await page.goto(`${line.url}/delete-all`)
  await page.getByLabel('Name').fill('Ada')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('Ada')
  const late = await saveLate(page)
  await line.arrived

  await page.getByRole('button', { name: 'Destroy the session' }).click()
  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  line.release()
  expect(await late.answer()).toMatchObject({ outcome: 'ended', id: null })

  expect(await sessionCookies(context)).toEqual([])
  await page.reload()
  await expect(fact(lesson(page), 'Name')).toHaveText('nothing')
  line.close()
})
