import { createHash } from 'node:crypto'
import { seededRandom } from '@ymir/detection'

const pageLengths = [8_192, 65_536, 262_144]
const changed = 20

/**
 * What other page sizes would cost: two random halves of a set are merged and hashed, and 20 serials change hands. Pages are
 * lists, bits or runs, whichever is shortest; places take 2 bytes up to 65,536 of them and 4 beyond.
 */
export function studyPageSizes(count: number): void {
  const random = seededRandom(3)
  const words = new Uint32Array(Math.ceil(count / 32))
  const half = () => words.map(() => random() * 2 ** 32)
  const [one, other] = [half(), half()]
  const full = new Uint32Array(words.length).fill(0xffffffff)
  const changes = Array.from({ length: changed }, () => Math.floor(random() * count))
  console.log(`page sizes, ${count.toLocaleString('en')} serials:`)
  for (const length of pageLengths) {
    const began = performance.now()
    const merged = one.map((word, index) => word | other[index]!)
    const bytes = sizeOf(merged, length)
    const mergeMs = performance.now() - began
    const writtenOf = (set: Uint32Array) => {
      const after = set.slice()
      for (const serial of changes) after[serial >>> 5]! ^= 1 << (serial & 31)
      // each version names all of its pages: a row of 60 bytes
      return (
        sizeOf(after, length, new Set(changes.map((serial) => Math.floor(serial / length)))) +
        60 * (count / length)
      )
    }
    console.log(
      `  ${length.toLocaleString('en').padStart(7)} serials a page: merge with hashes ${mergeMs.toFixed(1)} ms, ` +
        `${(bytes / 1024).toFixed(0)} KiB; a change of ${changed} writes ${(writtenOf(merged) / 1024).toFixed(0)} KiB ` +
        `in a set with holes, ${(writtenOf(full) / 1024).toFixed(1)} KiB in a full one`,
    )
  }
}

/** Bytes of the pages of a set, all or those chosen, each hashed. */
function sizeOf(words: Uint32Array, length: number, chosen?: ReadonlySet<number>): number {
  let bytes = 0
  const place = length <= 65_536 ? 2 : 4
  for (let number = 0; number * length < words.length * 32; number++) {
    if (chosen && !chosen.has(number)) continue
    const page = words.subarray((number * length) / 32, ((number + 1) * length) / 32)
    createHash('sha256').update(page).digest()
    const { set, runs } = countsOf(page)
    bytes += 1 + Math.min(place * set, 2 * place * runs, length / 8)
  }
  return bytes
}

function countsOf(page: Uint32Array): { set: number; runs: number } {
  let [set, runs, last] = [0, 0, 0]
  for (const word of page) {
    set += ones(word)
    runs += ones(word & ~((word << 1) | last))
    last = word >>> 31
  }
  return { set, runs }
}

function ones(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
