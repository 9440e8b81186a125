import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test, vi } from 'vitest'
import { endThread } from './end-thread.ts'

const thread = (code: string) =>
  new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true })

test('a thread that makes zlib streams ends without taking the process with it, and is not ended from outside', async () => {
  const terminate = vi.spyOn(Worker.prototype, 'terminate')
  const makesStreams = `
    parentPort.on('message', () => process.exit())
    const make = () => {
      for (let i = 0; i < 20; i++) require('node:zlib').createInflateRaw().destroy()
      setImmediate(make)
    }
    make()
    parentPort.postMessage('at work')`
  for (let round = 0; round < 10; round++) {
    const worker = thread(makesStreams)
    await once(worker, 'message')
    await endThread(worker, 'end')
    expect(worker.threadId).toBe(-1)
    await endThread(worker, 'end')
  }
  expect(terminate).not.toHaveBeenCalled()
  terminate.mockRestore()
})

test('a thread that does not hear is ended all the same', async () => {
  const worker = thread(`parentPort.postMessage('at work'); for (;;);`)
  await once(worker, 'message')
  await endThread(worker, 'end')
  expect(worker.threadId).toBe(-1)
}, 10_000)
