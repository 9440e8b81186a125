/**
 * Operations on versions of a million assets, through the dataset service's API up to the commit, against the same merge
 * with a row for each asset of each version, in the same PostgreSQL; what a small change writes; lists and statistics.
 *
 *   npx tsx bench/dataset-versions.bench.ts            1,000,000 assets
 *   npx tsx bench/dataset-versions.bench.ts 10000000   ten times as many, without the rows and the search by name
 *
 * The service, its client and the generator are this one process, so that its memory is above that of the service alone.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  annotationSetOf,
  createVersion,
  openDataset,
  SerialSet,
  startTestService,
  storeEntries,
  type TestService,
} from '@ymir/dataset/testing'
import { startNats, startPostgres } from '@ymir/deploy'
import type { UserCaller } from '@ymir/graphql'
import { quantile } from './gateway-processes.ts'
import { studyPageSizes } from './page-size-study.ts'
import { labels, storeSyntheticAssets, syntheticAsset } from './synthetic-assets.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const rounds = 3
const queries = 40

async function main(): Promise<void> {
  const load = loadavg()[0]?.toFixed(1)
  console.log(`load of the machine before: ${load} on ${availableParallelism()} cores`)
  studyPageSizes(count)
  const home = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  const postgres = await startPostgres({ home })
  const nats = await startNats({ home })
  try {
    process.env.YMIR_TEST_DATABASE_URL = postgres.url
    process.env.YMIR_TEST_NATS_URL = nats.url
    const service = await startTestService()
    try {
      await measure(new Bench(service, await service.aProject(labels)))
    } finally {
      await service.stop()
    }
  } finally {
    await nats.stop()
    await postgres.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

async function measure(bench: Bench): Promise<void> {
  const whole = await bench.generate()
  const half = Math.floor(count / 2)
  const merge = await bench.operations(whole, half)
  await bench.smallChange(whole)
  await bench.reads(whole)
  const rows = count <= 1_000_000 ? await bench.mergeOfRows() : undefined
  console.log(
    `memory of the process: ${mebibytes(process.memoryUsage().rss)}, at most ${mebibytes(bench.peak)}`,
  )
  const against =
    rows === undefined ? '' : ` (${(rows / merge).toFixed(0)} x as quick as with a row for each asset)`
  console.log(
    `bench dataset-versions: merge of ${count.toLocaleString('en')} assets committed in ${merge.toFixed(0)} ms${against}`,
  )
}

class Bench {
  peak = 0
  private made = 0
  private readonly projectId: string
  private readonly owner: UserCaller

  constructor(
    private readonly service: TestService,
    { projectId, owner }: { projectId: string; owner: UserCaller },
  ) {
    this.projectId = projectId
    this.owner = owner
    setInterval(() => (this.peak = Math.max(this.peak, process.memoryUsage().rss)), 50).unref()
  }

  async generate(): Promise<string> {
    const { database } = this.service
    const { ms } = await timed(() => database.transaction((manager) => storeSyntheticAssets(manager, count)))
    await database.query('analyze')
    console.log(`generated ${count.toLocaleString('en')} assets in ${(ms / 1000).toFixed(0)} s`)
    const { value, ms: first } = await timed(() => this.store(SerialSet.of(firstSerials(count))))
    console.log(`first version, index read from the database: ${first.toFixed(0)} ms`)
    this.peak = 0
    return value
  }

  /** @returns ms of the median merge */
  async operations(whole: string, half: number): Promise<number> {
    const sampled: string[] = []
    await this.report('sample of a half', async (round) => {
      sampled.push(await this.operate('sampleVersion', { versionId: whole, count: half, seed: round }))
    })
    const [one, other] = sampled as [string, string]
    const merge = await this.report('merge of two random halves', (round) =>
      this.operate('mergeVersions', { versionIds: [one, sampled[round]!, other], conflicts: 'STOP' }),
    )
    await this.report('exclude of a random half', (round) =>
      this.operate('excludeVersions', { versionId: whole, excludeVersionIds: [sampled[round]!] }),
    )
    await this.report('filter by label', (round) =>
      this.operate('filterVersion', { versionId: whole, labels: [labels[round]] }),
    )
    const filter = { imageWidth: { min: 1000 }, annotationCount: { min: 2 }, noTags: ['night'] }
    await this.report('filter by size, count and tag', (round) =>
      this.operate('filterVersion', { versionId: whole, filter, withoutLabels: [labels[round]] }),
    )
    return merge
  }

  async smallChange(whole: string): Promise<void> {
    await this.report('copy', () => this.operate('mergeVersions', { versionIds: [whole], conflicts: 'STOP' }))
    for (const changes of [20, 1_000]) {
      const spread = Array.from({ length: changes }, (_, n) => Math.floor((n * count) / changes))
      const corrected = await this.correct(spread)
      const ids = { versionIds: [corrected, whole], conflicts: 'FIRST_WINS' }
      let changed = ''
      await this.report(`change of ${changes}`, async () => {
        changed = await this.operate('mergeVersions', ids)
      })
      const query = `query ($from: ID!, $to: ID!) { datasetDiff(from: $from, to: $to) { added removed changed } }`
      await this.p95(`diff of ${changes} changes`, async () => {
        const { datasetDiff } = await this.ask(query, { from: whole, to: changed })
        if (datasetDiff.changed !== changes) throw new Error(`the diff counts ${JSON.stringify(datasetDiff)}`)
      })
    }
  }

  async reads(id: string): Promise<void> {
    const version = (fields: string, types = '') =>
      `query ($id: ID!${types}) { datasetVersion(id: $id) { ${fields} } }`
    const counted = version('assets(first: 0, labels: $labels) { totalCount }', ', $labels: [String!]!')
    await this.p95('count of a label', (n) => this.ask(counted, { id, labels: [labels[n % 80]] }))
    const page = version(
      'assets(first: 50, labels: $labels) { edges { node { id } } }',
      ', $labels: [String!]!',
    )
    await this.p95('first page of a label', (n) => this.ask(page, { id, labels: [labels[n % 80]] }))
    const ordered = version(
      'assets(first: 50, orderBy: $orderBy) { edges { node { id } } pageInfo { endCursor } }',
      ', $orderBy: AssetOrder',
    )
    for (const by of ['IMAGE_SIZE', 'LARGEST_BOX', 'ANNOTATION_COUNT'])
      await this.p95(`first page by ${by}`, () =>
        this.ask(ordered, { id, orderBy: { by, direction: 'DESCENDING' } }),
      )
    const filtered = version(
      'assets(first: 50, filter: $filter) { totalCount edges { node { id } } }',
      ', $filter: AssetFilter',
    )
    if (count <= 1_000_000)
      await this.p95('first page and count by part of a name', (n) =>
        this.ask(filtered, { id, filter: { nameContains: `drive_${n}/` } }),
      )
    const plain = version('assets(first: 50) { edges { node { id } } }')
    await this.p95('first page', () => this.ask(plain, { id }))
    const random = version('randomAssets(count: 50, seed: $seed) { id }', ', $seed: Float!')
    await this.p95('50 random assets', (seed) => this.ask(random, { id, seed }))
    const statistics = version(
      'labels { label assetCount annotationCount } statistics { boxAreas { count } imbalance { message } }',
    )
    await this.p95('statistics', () => this.ask(statistics, { id }))
  }

  /** The same merge with rows: the layout that a version store without bitmaps would have. */
  async mergeOfRows(): Promise<number> {
    const { database } = this.service
    await database.query(
      'create table version_rows (version integer, asset_id bytea, serial bigint, primary key (version, asset_id))',
    )
    for (const version of [1, 2])
      await database.query(
        `insert into version_rows select $1::integer, asset_id, serial from entries where serial < $2 and hashint8extended(serial, $1::bigint) % 2 = 0`,
        [version, count],
      )
    await database.query('analyze version_rows')
    const { ms } = await timed(() =>
      database.query(
        `insert into version_rows select distinct on (asset_id) 3, asset_id, serial from version_rows
          where version in (1, 2) order by asset_id, version`,
      ),
    )
    console.log(`the same merge, a row for each asset of each version: ${ms.toFixed(0)} ms`)
    return ms
  }

  /** Other ground truth for some assets, as a version of its own. */
  private correct(numbers: readonly number[]): Promise<string> {
    const box = { x: 0, y: 0, width: 10, height: 10 + numbers.length }
    const annotation = { label: labels[0]!, box, difficult: false, truncated: false, crowd: false }
    const entries = numbers.map((n) => ({
      assetId: syntheticAsset(n),
      annotationSet: annotationSetOf([annotation]),
    }))
    return this.service.database
      .transaction((manager) => storeEntries(manager, entries))
      .then((serials) => this.store(SerialSet.of(serials)))
  }

  private store(serials: SerialSet): Promise<string> {
    const { database, bus } = this.service
    return database.transaction(async (manager) => {
      const dataset = await openDataset(manager, this.projectId, { name: this.name() })
      const facts = { operation: 'IMPORT', parameters: {}, parents: [], actorId: '' } as const
      return (await createVersion(manager, bus, { ...facts, dataset, serials })).id
    })
  }

  private async operate(mutation: string, input: Record<string, unknown>): Promise<string> {
    const type = mutation[0]!.toUpperCase() + mutation.slice(1)
    const data = await this.ask(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { version { id } } }`,
      { input: { name: this.name(), ...input } },
    )
    return data[mutation].version.id
  }

  private async ask(query: string, variables: object) {
    const { data, errors } = await this.service.ask(query, variables, this.owner)
    if (errors) throw new Error(JSON.stringify(errors[0]))
    return data
  }

  /** @returns ms of the median round */
  private async report(what: string, work: (round: number) => Promise<unknown>): Promise<number> {
    const { database } = this.service
    const times: number[] = []
    const before = await this.writtenBytes()
    for (let round = 0; round < rounds; round++) times.push((await timed(() => work(round))).ms)
    const bytes = ((await this.writtenBytes()) - before) / rounds
    const each = times.map((ms) => ms.toFixed(0)).join(', ')
    console.log(`${what}: ${each} ms; ${kibibytes(bytes)} of write-ahead log each`)
    await database.query('checkpoint')
    return quantile(times, 0.5)
  }

  private async writtenBytes(): Promise<number> {
    const [{ bytes }]: [{ bytes: string }] = await this.service.database.query(
      `select pg_current_wal_insert_lsn() - '0/0' as bytes`,
    )
    return Number(bytes)
  }

  private async p95(what: string, work: (n: number) => Promise<unknown>): Promise<void> {
    const times: number[] = []
    for (let n = 0; n < queries; n++) times.push((await timed(() => work(n))).ms)
    console.log(
      `${what}: p50 ${quantile(times, 0.5).toFixed(0)} ms, p95 ${quantile(times, 0.95).toFixed(0)} ms`,
    )
  }

  private name(): string {
    return `set ${(this.made += 1)}`
  }
}

function* firstSerials(length: number): Generator<number> {
  for (let serial = 0; serial < length; serial++) yield serial
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now()
  const value = await work()
  return { value, ms: performance.now() - began }
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
const kibibytes = (bytes: number) => `${(bytes / 1024).toFixed(0)} KiB`

await main()
