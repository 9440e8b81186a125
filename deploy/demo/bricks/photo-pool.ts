import { Worker } from 'node:worker_threads'
import type { Photo, PhotoRequest } from './photo.ts'

export interface WorkerQuestion {
  readonly ticket: number
  readonly request: PhotoRequest
}

export interface WorkerAnswer {
  readonly ticket: number
  readonly photo: Photo
}

/** Photos in hand for each worker: while one is being compressed, the next is drawn. */
const inHand = 2

/**
 * Takes photos on threads of their own, a few ahead of who reads them.
 * @returns the photos in the order of the requests
 */
export async function* takePhotos(
  requests: readonly PhotoRequest[],
  threads: number,
): AsyncGenerator<Photo, void, undefined> {
  const pool = new PhotoPool(Math.max(1, Math.min(threads, requests.length)))
  try {
    const pending: Promise<Photo>[] = []
    let asked = 0
    for (let taken = 0; taken < requests.length; taken++) {
      while (asked < requests.length && asked < taken + pool.capacity)
        pending.push(pool.take(requests[asked++]!))
      yield await pending.shift()!
    }
  } finally {
    await pool.close()
  }
}

interface Waiting {
  readonly resolve: (photo: Photo) => void
  readonly reject: (error: Error) => void
}

class PhotoPool {
  private readonly workers: Worker[]
  private readonly waiting = new Map<number, Waiting>()
  private tickets = 0
  private failure: Error | undefined

  constructor(threads: number) {
    this.workers = Array.from({ length: threads }, () => this.startWorker())
  }

  /** How many photos keep all workers busy. */
  get capacity(): number {
    return this.workers.length * inHand
  }

  take(request: PhotoRequest): Promise<Photo> {
    const ticket = this.tickets++
    const photo = new Promise<Photo>((resolve, reject) => {
      if (this.failure) return reject(this.failure)
      this.waiting.set(ticket, { resolve, reject })
      const question: WorkerQuestion = { ticket, request }
      this.workers[ticket % this.workers.length]!.postMessage(question)
    })
    photo.catch(() => {}) // who reads this photo hears of it; until then it is not an unhandled failure
    return photo
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()))
  }

  private startWorker(): Worker {
    // execArgv: the bootstrap registers the TypeScript loader; the parent's own loaders are not wanted twice
    const worker = new Worker(new URL('./photo-worker.mjs', import.meta.url), {
      name: 'photos',
      execArgv: [],
    })
    worker.on('message', ({ ticket, photo }: WorkerAnswer) => {
      this.waiting.get(ticket)?.resolve(photo)
      this.waiting.delete(ticket)
    })
    worker.on('error', (error) => this.fail(error))
    worker.on('exit', (code) => this.fail(new Error(`a thread that takes photos ended with code ${code}`)))
    return worker
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const { reject } of this.waiting.values()) reject(this.failure)
    this.waiting.clear()
  }
}
