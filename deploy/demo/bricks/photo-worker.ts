import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import type { WorkerAnswer, WorkerQuestion } from './photo-pool.ts'
import { takePhoto } from './photo.ts'

sharp.concurrency(1) // the pool has a worker for each core already

parentPort?.on('message', async ({ ticket, request }: WorkerQuestion) => {
  const photo = await takePhoto(request)
  const answer: WorkerAnswer = { ticket, photo }
  parentPort?.postMessage(answer)
})
