import type { Worker } from 'node:worker_threads'

const patienceMs = 1_000

/**
 * Ends a thread, by asking it first: where one is ended from outside while it makes a zlib stream, Node.js 20 aborts the
 * whole process ("close before init"). One that does not hear, whatever a hostile file keeps it at, is ended from outside
 * after a second.
 * @param ask what the thread takes as the word to end itself
 */
export async function endThread(worker: Worker, ask: unknown): Promise<void> {
  if (worker.threadId === -1) return // it has ended
  worker.on('error', () => {}) // what goes wrong in it now is of no interest
  const ended = new Promise((resolve) => worker.once('exit', resolve))
  worker.postMessage(ask)
  const timer = setTimeout(() => void worker.terminate(), patienceMs)
  await ended
  clearTimeout(timer)
}
