import type { EntityManager } from 'typeorm'
import { countInWord } from '../page/bits.ts'
import type { SerialSet } from '../page/serial-set.ts'
import type { HashList } from './hash-list.ts'
import type { DifferenceHash } from './difference-hash.ts'

/** Where the hash of an entry's image is found, and the hash. */
interface Row {
  readonly serial: string
  readonly hash: Buffer
}

export interface Neighbour {
  readonly serial: number
  readonly distance: number
}

const readAtOnce = 50_000

/**
 * Hashes of all entries' images by serial: nine bytes an entry, so that ten million take 90 MB and comparing one with a
 * million takes some milliseconds. That is simpler than an index for Hamming distances in the database, and exact at any
 * distance. Filled when first asked, then only with what is new.
 */
export class HashIndex {
  private words = new Uint32Array(0)
  private isThere = new Uint8Array(0)
  private nextSerial = 0
  private lastHashNumber = 0
  private refreshing: Promise<void> | undefined

  /** Takes in what came since the last time. */
  refresh(manager: EntityManager): Promise<void> {
    this.refreshing ??= this.read(manager).finally(() => (this.refreshing = undefined))
    return this.refreshing
  }

  hashOf(serial: number): DifferenceHash | undefined {
    if (!this.isThere[serial]) return undefined
    return { high: this.words[serial * 2]!, low: this.words[serial * 2 + 1]! }
  }

  /** The hashes of a set's entries, ascending by serial; entries whose image has no hash are left out. */
  listOf(set: SerialSet): HashList {
    const { size } = set
    const [serials, high, low] = [new Uint32Array(size), new Uint32Array(size), new Uint32Array(size)]
    let length = 0
    for (const serial of set) {
      if (!this.isThere[serial]) continue
      serials[length] = serial
      high[length] = this.words[serial * 2]!
      low[length++] = this.words[serial * 2 + 1]!
    }
    return { length, serials, high, low }
  }

  /** The entries of a set that are at most so far from a hash, nearest first. */
  near({ high, low }: DifferenceHash, serials: SerialSet, maxDistance: number): Neighbour[] {
    const { words, isThere } = this
    const found: Neighbour[] = []
    for (const serial of serials) {
      if (!isThere[serial]) continue
      const distance = countInWord(words[serial * 2]! ^ high) + countInWord(words[serial * 2 + 1]! ^ low)
      if (distance <= maxDistance) found.push({ serial, distance })
    }
    return found.sort((one, other) => one.distance - other.distance || one.serial - other.serial)
  }

  set(serial: number, { high, low }: DifferenceHash): void {
    this.makeRoomFor(serial)
    this.words[serial * 2] = high
    this.words[serial * 2 + 1] = low
    this.isThere[serial] = 1
  }

  /** New hashes of known entries, then new entries; what is in both is the same. */
  private async read(manager: EntityManager): Promise<void> {
    const [{ last }]: [{ last: string }] = await manager.query(
      'select coalesce(max(hash_number), 0) as last from assets where perceptual_hash is not null',
    )
    const [{ next }]: [{ next: string }] = await manager.query(
      'select coalesce(max(serial) + 1, 0) as next from entries',
    )
    const fromEntries = this.nextSerial
    for (let from = this.lastHashNumber; from < Number(last); from += readAtOnce)
      this.take(
        await manager.query(
          `select serial, perceptual_hash as hash from assets join entries on asset_id = id
            where perceptual_hash is not null and hash_number > $1 and hash_number <= $2`,
          [from, Math.min(from + readAtOnce, Number(last))],
        ),
      )
    for (let from = fromEntries; from < Number(next); from += readAtOnce)
      this.take(
        await manager.query(
          `select serial, perceptual_hash as hash from entries join assets on asset_id = id
            where serial >= $1 and serial < $2 and perceptual_hash is not null`,
          [from, Math.min(from + readAtOnce, Number(next))],
        ),
      )
    this.lastHashNumber = Number(last)
    this.nextSerial = Number(next)
  }

  private take(rows: readonly Row[]): void {
    for (const { serial, hash } of rows)
      this.set(Number(serial), { high: hash.readUInt32BE(0), low: hash.readUInt32BE(4) })
  }

  private makeRoomFor(serial: number): void {
    if (serial < this.isThere.length) return
    const length = Math.max(1024, Math.ceil((serial + 1) * 1.25))
    const [words, isThere] = [new Uint32Array(length * 2), new Uint8Array(length)]
    words.set(this.words)
    isThere.set(this.isThere)
    this.words = words
    this.isThere = isThere
  }
}
