// Preloaded into the server under test (node --import): its clock runs ahead by as much as a test asks for, so that no
// test waits for time to pass. Requests come over the channel between parent and child process.
// @ts-check

const RealDate = Date
const realNow = Date.now
let offsetMs = 0

Date.now = () => realNow() + offsetMs

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget),
  apply: () => new RealDate(Date.now()).toString(),
})

process.on('message', (message) => {
  if (!isAdvance(message)) return
  offsetMs += message.advanceMs
  process.send?.({ offsetMs })
})

// A server must not outlive the test process that started it, however that one ended.
process.on('disconnect', () => process.exit(1))

// Listening must not keep a server alive that wants to stop.
process.channel?.unref()

/**
 * @param {unknown} message
 * @returns {message is { advanceMs: number }}
 */
function isAdvance(message) {
  return typeof message === 'object' && message !== null && 'advanceMs' in message
}
