/**
 * How many Pascal VOC images a second become a version on a platform as a user has it (packed programs, files forced to
 * disk): the first import after the start and the second one, asked for at the gateway.
 * `npx tsx bench/first-import.bench.ts [images]`
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startPlatform } from '@ymir/deploy'
import { Api } from './api.ts'
import { anArchiveFile } from './voc-archive.ts'

const count = Number(process.argv[2] ?? 5_000)
const wanted = 1_500 // images a second
const home = await mkdtemp(join(tmpdir(), 'ymir-bench-first-import-'))
const paths = [await anArchiveFile(home, count, 0), await anArchiveFile(home, count, count)]
const environment = { ...process.env, YMIR_IMPORT_ROOTS: home }
const platform = await startPlatform({ home: join(home, 'platform'), quiet: true, environment })
const api = await Api.signUp(platform.gatewayUrl)
const projectId = await api.createProject(['cell'])
await delay(5_000) // all services have started; nobody is as quick as this program

for (const [index, path] of paths.entries()) {
  const begun = performance.now()
  const input = { projectId, name: `set ${index}`, path }
  const { importDataset } = await api.ask<{ importDataset: { import: { id: string } } }>(
    'mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id } } }',
    { input },
  )
  let found = { state: 'QUEUED', problem: null as string | null }
  while (found.state === 'QUEUED' || found.state === 'RUNNING') {
    await delay(20)
    const query = 'query ($id: ID!) { import(id: $id) { state problem } }'
    found = (await api.ask<{ import: typeof found }>(query, importDataset.import)).import
  }
  if (found.state !== 'SUCCEEDED') throw new Error(`${found.state}: ${found.problem}`)
  const rate = (1000 * count) / (performance.now() - begun)
  const which = index === 0 ? 'first' : 'second'
  console.log(
    `bench first import: ${which} ${rate.toFixed(0)} images/s; ratio ${(rate / wanted).toFixed(2)} to ${wanted}`,
  )
}
await platform.stop()
await rm(home, { recursive: true })
