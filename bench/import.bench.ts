/**
 * How many Pascal VOC images a second become a version, and whether the rate holds from 5,000 to 100,000 images, against a
 * bare loop that unzips and hashes the same archive; and how long a query takes meanwhile.
 * `npx tsx bench/import.bench.ts [images of the large import]`
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Archive, importLimits, startTestService, type TestService } from '@ymir/dataset/testing'
import { startNats, startPostgres } from '@ymir/deploy'
import { anArchiveFile } from './voc-archive.ts'

const small = 5_000
const large = Number(process.argv[2] ?? 20_000)
const home = await mkdtemp(join(tmpdir(), 'ymir-bench-import-'))
const postgres = await startPostgres({ home, durable: true })
const nats = await startNats({ home })
process.env.YMIR_TEST_DATABASE_URL = postgres.url
process.env.YMIR_TEST_NATS_URL = nats.url

/** Images a second of nothing but unzipping and hashing. */
async function bareRate(path: string, count: number): Promise<number> {
  const start = performance.now()
  const archive = await Archive.open(path, importLimits)
  for await (const entry of archive.entries())
    createHash('sha256')
      .update(await archive.read(entry, importLimits.imageBytes))
      .digest('hex')
  await archive.close()
  return (1000 * count) / (performance.now() - start)
}

async function importRate(service: TestService, path: string, count: number) {
  const { projectId, owner } = await service.aProject()
  const start = performance.now()
  let isOver = false
  const importing = service
    .importFrom({ projectId, path }, owner, { timeoutMs: 600_000 })
    .finally(() => (isOver = true))
  const waits: number[] = []
  while (!isOver) {
    const asked = performance.now()
    await service.ask(
      'query ($id: ID!) { project(id: $id) { name datasets { totalCount } } }',
      { id: projectId },
      owner,
    )
    waits.push(performance.now() - asked)
    await delay(20)
  }
  const { state, problem } = await importing
  if (state !== 'SUCCEEDED') throw new Error(`${state}: ${problem}`)
  const rate = (1000 * count) / (performance.now() - start)
  const p99 = waits.toSorted((one, other) => one - other)[Math.floor(waits.length * 0.99)] ?? NaN
  return { rate, p99 }
}

const service = await startTestService({ imports: { roots: [home] } })
const rates: number[] = []
for (const [count, first] of [
  [small, 0],
  [large, small],
] as const) {
  const path = await anArchiveFile(home, count, first)
  const bare = await bareRate(path, count)
  const { rate, p99 } = await importRate(service, path, count)
  rates.push(rate)
  const bytes = (await stat(path)).size
  console.log(
    `${count} images (${(bytes / 1e6).toFixed(0)} MB): ${rate.toFixed(0)} images/s; ` +
      `only unzipped and hashed ${bare.toFixed(0)}/s; a query meanwhile p99 ${p99.toFixed(0)} ms`,
  )
  console.log(`bench import ${count}: ratio ${(rate / bare).toFixed(2)}`)
}
console.log(
  `bench import: ${large} images at ${((100 * rates[1]!) / rates[0]!).toFixed(0)} % of the rate of ${small}`,
)
await service.stop()
await nats.stop()
await postgres.stop()
await rm(home, { recursive: true })
