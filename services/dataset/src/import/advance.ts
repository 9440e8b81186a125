import type { CheckNews } from './in-worker.ts'

export const ImportPhase = { FETCHING: 'FETCHING', IMPORTING: 'IMPORTING', COMPLETING: 'COMPLETING' } as const

/** How far an import has come. */
export interface Advance {
  readonly phase: keyof typeof ImportPhase
  readonly doneImages: number
  /** 0 while they are not counted. */
  readonly imageCount: number
  readonly doneBytes: number
  readonly byteCount: number
  /** At the speed so far; null while nobody can tell. */
  readonly remainingSeconds: number | null
}

const nothingDone: Advance = {
  phase: 'FETCHING',
  doneImages: 0,
  imageCount: 0,
  doneBytes: 0,
  byteCount: 0,
  remainingSeconds: null,
}

/** Follows an import and tells how long it will take. */
export class AdvanceMeter {
  private now: Advance
  /** Where this phase, or this process after a crash, began. */
  private began?: { at: number; share: number }

  /** @param told by an earlier process: what is done again since the last batch is not told again */
  constructor(told: Advance | null = null) {
    this.now = told ?? nothingDone
  }

  fetched(bytes: number, byteCount: number | undefined): Advance {
    const doneBytes = Math.max(this.now.doneBytes, bytes)
    return this.move({ ...nothingDone, doneBytes, byteCount: byteCount ?? 0 })
  }

  heard(news: CheckNews): Advance {
    if (news.kind === 'detected') {
      delete this.began
      const { imageCount, imageBytes: byteCount } = news
      const { doneImages, doneBytes } = this.now.phase === 'FETCHING' ? nothingDone : this.now
      return (this.now = { ...nothingDone, phase: 'IMPORTING', doneImages, imageCount, doneBytes, byteCount })
    }
    const { images, bytes } =
      news.kind === 'progress' ? news : { images: news.batch.checkpoint.images, bytes: 0 }
    const doneImages = Math.max(this.now.doneImages, images)
    return this.move({ ...this.now, doneImages, doneBytes: Math.max(this.now.doneBytes, bytes) })
  }

  completing(): Advance {
    return (this.now = { ...this.now, phase: 'COMPLETING', remainingSeconds: null })
  }

  private move(to: Advance): Advance {
    const share = shareOf(to)
    this.began ??= { at: performance.now(), share }
    const seconds = (performance.now() - this.began.at) / 1000
    const gained = share - this.began.share
    const remainingSeconds = gained > 0 ? Math.ceil((seconds / gained) * (1 - share)) : null
    return (this.now = { ...to, remainingSeconds })
  }
}

/** How much of an import is done, 0 to 1; where files are fetched first, half of it is that. */
export function progressOf(advance: Advance, { isFetched }: { isFetched: boolean }): number {
  const share = shareOf(advance)
  if (!isFetched) return share
  return advance.phase === 'FETCHING' ? share / 2 : (1 + share) / 2
}

/** Of the phase, 0 to 1. */
function shareOf({ phase, doneImages, imageCount, doneBytes, byteCount }: Advance): number {
  if (phase === 'COMPLETING') return 1
  const share = phase === 'FETCHING' ? doneBytes / byteCount : doneImages / imageCount
  return Number.isFinite(share) ? Math.min(1, share) : 0
}
