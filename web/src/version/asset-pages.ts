/** Some assets of a long list, and how long it is. */
export interface AssetPage<Asset> {
  readonly totalCount: number
  readonly assets: readonly Asset[]
}

export type LoadAssets<Asset> = (skip: number, first: number) => Promise<AssetPage<Asset>>

const pageLength = 60
/** Kept at a time, so that a walk over a million assets fills no memory. */
const pagesKept = 60
/** Asked for at a time: the last wish counts, and the server has others to serve. */
const loadsAtOnce = 3

/** A list of any length, of which only what is looked at is loaded; what was looked at last is loaded first. */
export class AssetPages<Asset> {
  /** Unknown until the first page is there. */
  totalCount: number | undefined
  error: unknown
  /** Changes with everything that is loaded. */
  revision = 0
  private readonly pages = new Map<number, readonly Asset[]>()
  private readonly loading = new Set<number>()
  private wanted: readonly number[] = [0]
  private readonly listeners = new Set<() => void>()

  constructor(private readonly load: LoadAssets<Asset>) {}

  /** The asset at a place counted from 0; undefined while it is not loaded. */
  at(place: number): Asset | undefined {
    return this.pages.get(Math.floor(place / pageLength))?.[place % pageLength]
  }

  /** Loads the assets from one place up to another (exclusive), and then those of the pages around. */
  want(from: number, to: number): void {
    const first = Math.floor(Math.max(0, from) / pageLength)
    const last = Math.floor(Math.max(0, to - 1) / pageLength)
    const seen = Array.from({ length: last - first + 1 }, (_, index) => first + index)
    this.wanted = [...seen, last + 1, first - 1].filter((page) => this.exists(page))
    this.loadNext()
  }

  /** Forgets a failure and tries again. */
  retry(): void {
    this.error = undefined
    this.changed()
    this.loadNext()
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  private exists(page: number): boolean {
    return page >= 0 && (this.totalCount === undefined || page * pageLength < this.totalCount)
  }

  private loadNext(): void {
    for (const page of this.wanted) {
      if (this.error || this.loading.size >= loadsAtOnce) return
      if (!this.pages.has(page) && !this.loading.has(page) && this.exists(page)) void this.loadPage(page)
    }
  }

  private async loadPage(page: number): Promise<void> {
    this.loading.add(page)
    try {
      const { totalCount, assets } = await this.load(page * pageLength, pageLength)
      this.totalCount = totalCount
      this.pages.set(page, assets)
      this.forgetFarthest(page)
    } catch (error) {
      this.error = error
    }
    this.loading.delete(page)
    this.changed()
    this.loadNext()
  }

  private forgetFarthest(from: number): void {
    if (this.pages.size <= pagesKept) return
    const distance = (page: number) => Math.abs(page - from)
    this.pages.delete(
      [...this.pages.keys()].reduce((far, page) => (distance(page) > distance(far) ? page : far)),
    )
  }

  private changed(): void {
    this.revision++
    this.listeners.forEach((listener) => listener())
  }
}
