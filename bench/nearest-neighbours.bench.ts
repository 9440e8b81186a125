/**
 * Seconds for the nearest neighbours of 200 queries, and for 100 k-center picks, among 100,000 vectors of 128: against
 * numpy (one thread), where python3 has it, and against dot products of vectors that stay in the cache.
 * `npx tsx bench/nearest-neighbours.bench.ts`
 */
import { spawnSync } from 'node:child_process'
import { seededRandom } from '@ymir/detection'
import { coreSet, dot, nearestNeighbours, vectorsIn } from '@ymir/mining/testing'

const [rows, dimensions, queryCount, picks] = [100_000, 128, 200, 100]
const random = seededRandom(1)
const values = Float32Array.from({ length: rows * dimensions }, random)
const set = vectorsIn(values, dimensions)
const queries = vectorsIn(values.subarray(0, queryCount * dimensions), dimensions)

function secondsOf(work: () => void): number {
  const begun = performance.now()
  work()
  return (performance.now() - begun) / 1000
}

let total = 0
const limit = secondsOf(() => {
  for (let round = 0; round < rows * queryCount; round++)
    total += dot(values, (round & 63) * dimensions, values, (round & 31) * dimensions, dimensions)
})
const neighbours = secondsOf(() => nearestNeighbours(set, queries, 10))
const centres = secondsOf(() => coreSet(set, picks))

const program = `
import numpy, time
x = numpy.random.rand(${rows}, ${dimensions}).astype('f4'); n = (x * x).sum(1); t = time.time()
d = n[:, None] + n[None, :${queryCount}] - 2 * x @ x[:${queryCount}].T
numpy.argpartition(d, 10, axis=0); a = time.time() - t; t = time.time()
m = numpy.full(${rows}, numpy.inf, 'f4'); c = 0
for _ in range(${picks}):
    m = numpy.minimum(m, n + n[c] - 2 * (x @ x[c])); c = int(m.argmax())
print(a, time.time() - t)`
const environment = { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }
const peer = spawnSync('/usr/bin/python3', ['-c', program], { encoding: 'utf8', env: environment })
const [peerNeighbours, peerCentres] = peer.status === 0 ? peer.stdout.trim().split(' ').map(Number) : []
const versus = (ours: number, theirs: number | undefined) =>
  theirs === undefined ? 'no numpy' : `numpy ${theirs.toFixed(2)} s, ratio ${(ours / theirs).toFixed(1)}`

if (!(total > 0)) throw new Error('the limit was not measured')
console.log(
  `bench nearest-neighbours: ${queryCount} queries ${neighbours.toFixed(2)} s (${versus(neighbours, peerNeighbours)}; ` +
    `limit ${limit.toFixed(2)} s); ${picks} centres ${centres.toFixed(2)} s (${versus(centres, peerCentres)}; ` +
    `limit ${((limit * picks) / queryCount).toFixed(2)} s)`,
)
