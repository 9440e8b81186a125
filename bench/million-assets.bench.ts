/**
 * A project of 1,000,000 assets that is browsed, filtered, compared, sampled, mined and exported through the API, and how
 * much memory the dataset service takes for it, against the limit of 1 GiB.
 *
 *   npx tsx bench/million-assets.bench.ts           1,000,000 assets
 *   npx tsx bench/million-assets.bench.ts 200000    fewer
 *
 * The service is a process of its own, the one that the platform starts. Its images are real files of some hundred bytes.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, readJsonLines } from '@ymir/blobs'
import { openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import {
  annotationSetOf,
  aUser,
  createVersion,
  entities,
  openDataset,
  SerialSet,
  startIdentity,
  storeEntries,
} from '@ymir/dataset/testing'
import { startNats, startPostgres } from '@ymir/deploy'
import { CALLER_HEADER, signIdentity, type UserCaller } from '@ymir/graphql'
import { firstLine, quantile, secret, startProgram } from './gateway-processes.ts'
import { labels, storeSyntheticAssets } from './synthetic-assets.ts'
import { imagesIn } from './synthetic-images.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const limit = 2 ** 30
const changes = 1_000
const requests = 20

async function main(): Promise<void> {
  console.log(
    `load of the machine before: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores; ` +
      `${count.toLocaleString('en')} assets`,
  )
  const home = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  const postgres = await startPostgres({ home })
  const nats = await startNats({ home })
  const identity = await startIdentity()
  const child = startProgram(['services/dataset/src/main.ts'], {
    YMIR_PORT: '0',
    YMIR_DATABASE_URL: postgres.url,
    YMIR_NATS_URL: nats.url,
    YMIR_GATEWAY_URL: identity.url,
    YMIR_SECRET: secret,
    YMIR_HOME: home,
  })
  try {
    const line = await firstLine(child, /dataset listens port=/)
    child.stdout?.resume()
    const service = new Service(`http://127.0.0.1:${line.split('=').at(-1)}`, child.pid!, home) // it runs
    await service.makeProject()
    const versions = await generate(service, postgres.url, nats.url)
    await use(service, versions)
    console.log(
      `bench million-assets: ${count.toLocaleString('en')} assets, at most ${mebibytes(service.peak())}, ` +
        `${(service.peak() / limit).toFixed(2)} of the limit of 1 GiB`,
    )
  } finally {
    child.kill('SIGTERM')
    await nats.stop()
    await postgres.stop()
    await identity.stop()
    rmSync(home, { recursive: true, force: true })
  }
}

interface Versions {
  readonly whole: string
  /** Other ground truth for some of its assets. */
  readonly corrected: string
}

async function generate(
  { projectId, home }: Service,
  databaseUrl: string,
  natsUrl: string,
): Promise<Versions> {
  const began = performance.now()
  const database = await openDatabase({ url: databaseUrl, schema: 'dataset', entities, migrations: [] })
  const bus = await openBus({ service: 'dataset', natsUrl, database })
  try {
    const images = imagesIn(join(home, 'blobs'))
    await database.transaction((manager) => storeSyntheticAssets(manager, count, images))
    await database.query('analyze')
    const store = (name: string, serials: SerialSet) =>
      database.transaction(async (manager) => {
        const dataset = await openDataset(manager, projectId, { name })
        const facts = { operation: 'IMPORT', parameters: {}, parents: [], actorId: '' } as const
        return (await createVersion(manager, bus, { ...facts, dataset, serials })).id
      })
    const spread = Array.from({ length: changes }, (_, n) => Math.floor((n * count) / changes))
    const box = { x: 0, y: 0, width: 10, height: 10 }
    const annotation = { label: labels[0]!, box, difficult: false, truncated: false, crowd: false }
    const whole = await store('whole', SerialSet.of(Array.from({ length: count }, (_, serial) => serial)))
    const corrected = await database.transaction(async (manager) => {
      const assets: { id: string }[] = await manager.query(
        `select encode(asset_id, 'hex') as id from entries where serial = any($1::bigint[])`,
        [spread],
      )
      const annotationSet = annotationSetOf([annotation])
      return storeEntries(
        manager,
        assets.map(({ id }) => ({ assetId: id, annotationSet })),
      )
    })
    console.log(`generated in ${((performance.now() - began) / 1000).toFixed(0)} s`)
    return { whole, corrected: await store('corrected', SerialSet.of(corrected)) }
  } finally {
    await bus.stop()
    await database.destroy()
  }
}

async function use(service: Service, { whole, corrected }: Versions): Promise<void> {
  await browse(service, whole)
  const merged = await service.report('merge with a change of 1,000', () =>
    service.make('mergeVersions', { versionIds: [corrected, whole], conflicts: 'FIRST_WINS' }),
  )
  await service.report('diff and its first changes', async () => {
    const { datasetDiff } = await service.ask(
      `query ($from: ID!, $to: ID!) {
        datasetDiff(from: $from, to: $to) { added removed changed changes(first: 50) { edges { node { __typename } } } }
      }`,
      { from: whole, to: merged },
    )
    if (datasetDiff.changed !== changes) throw new Error(`the diff counts ${JSON.stringify(datasetDiff)}`)
  })
  await service.report('sample of a half', () =>
    service.make('sampleVersion', { versionId: whole, count: Math.floor(count / 2), seed: 1 }),
  )
  await service.report('manifest, made and read in chunks as mining does', () => readManifest(service, whole))
  for (const file of ['coco.tar', 'voc.zip'])
    await service.report(`export as ${file}`, () => service.readFile(`/files/exports/${whole}.${file}`))
}

async function browse(service: Service, id: string): Promise<void> {
  const read = (what: string, fields: string, variables: object = {}, types = '') =>
    service.p95(what, () =>
      service.ask(`query ($id: ID!${types}) { datasetVersion(id: $id) { ${fields} } }`, {
        id,
        ...variables,
      }),
    )
  const page = 'totalCount edges { node { id width annotations { label } } }'
  await read('first page', `assets(first: 50) { ${page} }`)
  const filter = { imageWidth: { min: 1000 }, annotationCount: { min: 2 }, noTags: ['night'] }
  await read(
    'filtered page',
    `assets(first: 50, filter: $filter, labels: $labels) { ${page} }`,
    { filter, labels: [labels[3]] },
    ', $filter: AssetFilter, $labels: [String!]',
  )
  for (const by of ['LARGEST_BOX', 'IMAGE_SIZE'])
    await read(
      `page by ${by}`,
      `assets(first: 50, orderBy: $orderBy) { ${page} }`,
      { orderBy: { by, direction: 'DESCENDING' } },
      ', $orderBy: AssetOrder',
    )
  await read('50 random assets', 'randomAssets(count: 50, seed: 7) { id }')
  await read('statistics', 'labels { label assetCount annotationCount } statistics { boxAreas { count } }')
}

const chunkLength = 1_000

async function readManifest(service: Service, id: string): Promise<void> {
  const { datasetVersion } = await service.ask(
    'query ($id: ID!) { datasetVersion(id: $id) { manifest { sha256 size } } }',
    { id },
  )
  const blobs = await openBlobs(join(service.home, 'blobs'))
  const chunk: string[] = []
  let read = 0
  for await (const { assetId } of readJsonLines<{ assetId: string }>(
    blobs.read(datasetVersion.manifest.sha256),
  )) {
    if (chunk.push(assetId) === chunkLength) chunk.length = 0
    read++
  }
  if (read !== count) throw new Error(`the manifest has ${read} lines for ${count} assets`)
}

/** The dataset service as its API shows it, for the owner of one project. */
class Service {
  projectId = ''
  private owner: UserCaller = aUser()
  private made = 0

  constructor(
    private readonly origin: string,
    private readonly pid: number,
    readonly home: string,
  ) {}

  async makeProject(): Promise<void> {
    const { createProject } = await this.ask(
      'mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }',
      { input: { name: 'a million', classes: labels } },
    )
    this.projectId = createProject.project.id
    this.owner = { ...this.owner, memberships: { [this.projectId]: 'OWNER' } }
  }

  async make(mutation: string, input: object): Promise<string> {
    const type = mutation[0]!.toUpperCase() + mutation.slice(1)
    const data = await this.ask(
      `mutation ($input: ${type}Input!) { ${mutation}(input: $input) { version { id } } }`,
      { input: { name: `made ${(this.made += 1)}`, ...input } },
    )
    return data[mutation].version.id
  }

  async ask(query: string, variables: object) {
    const body = JSON.stringify({ query, variables })
    const signature = signIdentity(this.owner, { method: 'POST', path: '/graphql', body }, secret)
    const headers = { 'content-type': 'application/json', [CALLER_HEADER]: signature }
    const response = await fetch(`${this.origin}/graphql`, { method: 'POST', headers, body })
    // the query gives the shape of its answer
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    const { data, errors } = (await response.json()) as { data: any; errors?: { message: string }[] }
    if (errors) throw new Error(errors[0]?.message)
    return data
  }

  /** Reads a file to its end and keeps nothing. */
  async readFile(path: string): Promise<void> {
    const signature = signIdentity(this.owner, { method: 'GET', path, body: '' }, secret)
    const response = await fetch(this.origin + path, { headers: { [CALLER_HEADER]: signature } })
    if (!response.ok || !response.body) throw new Error(`${path} is answered with ${response.status}`)
    let length = 0
    for await (const bytes of response.body) length += bytes.length
    console.log(`  ${path.split('.').slice(-2).join('.')}: ${mebibytes(length)}`)
  }

  async report<T>(what: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now()
    const value = await work()
    this.say(what, `${(performance.now() - began).toFixed(0)} ms`)
    return value
  }

  async p95(what: string, work: () => Promise<unknown>): Promise<void> {
    const times: number[] = []
    for (let round = 0; round < requests; round++) {
      const began = performance.now()
      await work()
      times.push(performance.now() - began)
    }
    this.say(
      what,
      `first ${times[0]!.toFixed(0)} ms, p50 ${quantile(times, 0.5).toFixed(0)}, p95 ${quantile(times, 0.95).toFixed(0)}`,
    )
  }

  /** Most bytes of memory that the process has ever had. */
  peak(): number {
    const kibibytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1]
    return Number(kibibytes) * 1024
  }

  private say(what: string, times: string): void {
    console.log(`${what}: ${times}; memory so far at most ${mebibytes(this.peak())}`)
  }
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`

await main()
