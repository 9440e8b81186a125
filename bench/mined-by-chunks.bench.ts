/**
 * How long 1,000,000 images (or as many as said) take to be mined chunk by chunk through the API of a platform as a user has
 * it, and the most memory that each service takes for it, against the limit of 1 GiB. The executor image only writes scores:
 * what is measured is the platform.
 * `npx tsx bench/mined-by-chunks.bench.ts [images] [images of a chunk]`
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { createVersion, entities, openDataset, SerialSet } from '@ymir/dataset/testing'
import { startPlatform } from '@ymir/deploy'
import { waitUntil } from '@ymir/service'
import { Api } from './api.ts'
import { labels, storeSyntheticAssets } from './synthetic-assets.ts'
import { imagesIn } from './synthetic-images.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const chunkSize = Number(process.argv[3] ?? 50_000)
const limit = 2 ** 30

const script = `#!/bin/bash
IN="$YMIR_IN" OUT="$YMIR_OUT"
if grep -q '^run_training: true' "$IN/env.yaml"; then
  mkdir -p "$OUT/models/only" && echo weights > "$OUT/models/only/model.onnx"
  echo '{best_stage_name: only, mAP: 0.5, model_stages: {only: {files: [model.onnx], timestamp: 1663934682, mAP: 0.5}}}' \\
    > "$OUT/models/result.yaml"
else awk '{ print $0 "\\t" (NR * 7919) % 10007 }' "$IN/candidate-index.tsv" > "$OUT/result.tsv"
fi`

const home = mkdtempSync(join(tmpdir(), 'ymir-bench-chunks-'))
const platform = await startPlatform({ home, quiet: true })
try {
  const api = await Api.signUp(platform.gatewayUrl)
  const projectId = await api.createProject(labels)
  const versionId = await seconds('generated', () => generate(projectId))
  const executorImageId = await registerImage(api)
  const stageId = await trainOne(api, projectId, versionId, executorImageId)
  const input = { projectId, versionId, stageId, executorImageId, annotate: false, topK: 1_000, chunkSize }
  const chunks = await seconds('mined', () => mine(api, input))
  const peaks = ['dataset', 'mining', 'executor'].map((name) => [name, peakOf(name)] as const)
  const most = Math.max(...peaks.map(([, bytes]) => bytes))
  console.log(
    `bench mined-by-chunks: ${count.toLocaleString('en')} images in ${chunks} chunks; at most ` +
      `${peaks.map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)} MiB`).join(', ')}: ` +
      `${(most / limit).toFixed(2)} of the limit of 1 GiB`,
  )
} finally {
  await platform.stop()
  rmSync(home, { recursive: true, force: true })
}

async function seconds<T>(what: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const value = await work()
  console.log(`${what} in ${((performance.now() - began) / 1000).toFixed(0)} s`)
  return value
}

/** @returns the version that holds all of them */
async function generate(projectId: string): Promise<string> {
  const { databaseUrl: url, natsUrl } = platform
  const database = await openDatabase({ url, schema: 'dataset', entities, migrations: [] })
  const bus = await openBus({ service: 'dataset', natsUrl, database })
  try {
    await database.transaction((manager) =>
      storeSyntheticAssets(manager, count, imagesIn(join(home, 'blobs'))),
    )
    await database.query('analyze')
    return await database.transaction(async (manager) => {
      const dataset = await openDataset(manager, projectId, { name: 'pool' })
      const serials = SerialSet.of(Array.from({ length: count }, (_, serial) => serial))
      const facts = { operation: 'IMPORT', parameters: {}, parents: [], actorId: '' } as const
      return (await createVersion(manager, bus, { ...facts, dataset, serials })).id
    })
  } finally {
    await bus.stop()
    await database.destroy()
  }
}

async function registerImage(api: Api): Promise<string> {
  const folder = join(home, 'image')
  mkdirSync(join(folder, 'img-man'), { recursive: true })
  for (const name of ['training', 'mining'])
    writeFileSync(join(folder, 'img-man', `${name}-template.yaml`), "export_format: 'voc:raw'\n")
  writeFileSync(join(folder, 'start.sh'), script)
  const mutation = `mutation ($input: RegisterExecutorImageInput!) {
    registerExecutorImage(input: $input) { executorImage { id } }
  }`
  const input = { name: 'scores', driver: 'process', reference: folder }
  const { registerExecutorImage } = await api.ask<{
    registerExecutorImage: { executorImage: { id: string } }
  }>(mutation, { input })
  return registerExecutorImage.executorImage.id
}

/** @returns a stage to mine with */
async function trainOne(api: Api, projectId: string, versionId: string, executorImageId: string) {
  const sample = `mutation ($input: SampleVersionInput!) { sampleVersion(input: $input) { version { id } } }`
  const { sampleVersion } = await api.ask<{ sampleVersion: { version: { id: string } } }>(sample, {
    input: { versionId, name: 'few', count: 20 },
  })
  const few = sampleVersion.version.id
  const train = `mutation ($input: TrainModelInput!) { trainModel(input: $input) { model { id } } }`
  const { trainModel } = await api.ask<{ trainModel: { model: { id: string } } }>(train, {
    input: { projectId, name: 'model', executorImageId, trainingVersionId: few, testVersionId: few },
  })
  const query = `query ($id: ID!) { model(id: $id) { bestStage { id } } }`
  return waitUntil(
    'a stage',
    async () => {
      const { model } = await api.ask<{ model: { bestStage: { id: string } | null } }>(
        query,
        trainModel.model,
      )
      return model.bestStage?.id
    },
    { timeoutMs: 120_000, everyMs: 200 },
  )
}

/** @returns how many chunks there were */
async function mine(api: Api, input: object): Promise<number> {
  const mutation = `mutation ($input: MineInput!) { mine(input: $input) { miningTask { id } } }`
  const { mine: asked } = await api.ask<{ mine: { miningTask: { id: string } } }>(mutation, { input })
  const query = `query ($id: ID!) { miningTask(id: $id) { state problem chunkCount chunksDone } }`
  let told = -1
  const task = await waitUntil(
    'the mining task to end',
    async () => {
      const { miningTask } = await api.ask<{
        miningTask: { state: string; problem: string | null; chunkCount: number; chunksDone: number }
      }>(query, asked.miningTask)
      const { state, chunksDone, chunkCount } = miningTask
      if (chunksDone !== told) console.log(`  ${chunksDone} of ${chunkCount} chunks`)
      told = chunksDone
      return !['MINING', 'TAKING'].includes(state) && miningTask
    },
    { timeoutMs: 3_600_000, everyMs: 1_000 },
  )
  if (task.state !== 'SUCCEEDED') throw new Error(`${task.state}: ${task.problem}`)
  return task.chunkCount
}

/** Most bytes of memory that a service of this platform has ever had. */
function peakOf(service: string): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const line = readIfThere(`/proc/${pid}/cmdline`)
    if (!line.includes(`--ymir-service=${service}\0`) || !line.includes(`--ymir-home=${home}`)) continue
    return Number(/VmHWM:\s+(\d+) kB/.exec(readIfThere(`/proc/${pid}/status`))?.[1]) * 1024
  }
  throw new Error(`no process of the service ${service} runs`)
}

/** Processes come and go. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
