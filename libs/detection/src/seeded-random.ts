/**
 * A repeatable source of random numbers: the same seed gives the same sequence on every machine, for ever,
 * because seeds are part of recorded lineage. Not for secrets.
 *
 * The generator is sfc32 ("small fast counting", Chris Doty-Humphrey, PractRand), seeded as there: the seed's
 * two halves, a counter, twelve rounds to mix. It passes PractRand and BigCrush, and its shortest cycle is 2^32.
 * @param seed any safe integer; different seeds give unrelated sequences
 * @returns a function that gives the next number, uniform in [0, 1), in steps of 2^-32
 * @throws RangeError when the seed is not a safe integer
 */
export function seededRandom(seed: number): () => number {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`seed ${seed} is not a safe integer: give a whole number`)
  let a = 0
  let b = seed | 0
  let c = Math.floor(seed / 2 ** 32) | 0
  let counter = 1

  const next = (): number => {
    const output = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + output) | 0
    return (output >>> 0) / 2 ** 32
  }

  for (let round = 0; round < 12; round++) next()
  return next
}
