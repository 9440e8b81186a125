import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { chmod, link, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { BlobMissing, readJsonLines, type BlobRef, type Blobs } from '@ymir/blobs'
import type { ImageDescription, Template } from '../image/image.ts'
import { JobProblem } from '../job/failure.ts'
import { recordsPath } from '../log/job-log.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { mapAtOnce } from './at-once.ts'
import { isInChunk, type Chunk } from './chunk.ts'
import { configurationOf, modelPaths } from './configuration.ts'
import { environmentFile } from './environment.ts'
import { parseExportFormat } from './export-format.ts'
import { groundTruthWriter, type GroundTruthWriter } from './ground-truth.ts'
import { imageFormat } from './image-format.ts'
import { assetPath, inImage, onThisMachine, type JobFolders } from './layout.ts'
import type { DatasetVersions, ManifestEntry } from './manifest.ts'
import { writeYaml } from './yaml.ts'

/** What the input of a job is made of. */
export interface InputRequest {
  readonly jobId: string
  readonly projectId: string
  readonly kinds: readonly JobKind[]
  readonly image: ImageDescription
  readonly request: JobRequest
  readonly gpuCount: number
}

export interface InputSources {
  readonly blobs: Blobs
  readonly versions: DatasetVersions
}

/**
 * Writes /in and an empty /out as the contract has them; what an earlier attempt left is removed.
 * @returns the content of config.yaml
 * @throws JobProblem BAD_CONFIGURATION before anything is written, when the parameters cannot work
 */
export async function writeInput(
  input: InputRequest,
  folders: JobFolders,
  { blobs, versions }: InputSources,
  signal: AbortSignal,
): Promise<Template> {
  const { jobId, kinds, request } = input
  const configuration = configurationOf(input)
  const training = kinds.includes('TRAINING')
  const format = parseExportFormat(training ? configuration.export_format : undefined)
  await makeFolders(folders)
  await writeFile(join(folders.input, 'env.yaml'), environmentFile(jobId, kinds))
  await writeFile(join(folders.input, 'config.yaml'), writeYaml(configuration))
  await placeModels(request.stage, folders, blobs)
  const assets = new AssetPlacer(folders, blobs, signal)
  const entriesOf = async function* (versionId: string) {
    const manifest = await versions.manifestOf(versionId, input.projectId)
    yield* readJsonLines<ManifestEntry>(blobs.read(manifest.sha256))
  }
  if (training) {
    const groundTruth = groundTruthWriter(format, folders, request.classNames)
    await writeTrainingSets(request, entriesOf, assets, groundTruth, folders)
    return configuration
  }
  const index = new IndexFile(inImage.candidateIndex, folders)
  const candidates = request.candidateVersionId
    ? inChunk(entriesOf(request.candidateVersionId), request.candidateChunk)
    : photos(request.candidateImages, blobs)
  for await (const path of mapAtOnce(candidates, (entry) => assets.place(entry))) await index.add(path)
  if ((await index.close()) === 0) throw noImages('the set to mine or infer')
  return configuration
}

async function* inChunk(entries: AsyncIterable<ManifestEntry>, chunk: Chunk | undefined) {
  for await (const entry of entries) if (!chunk || isInChunk(entry.assetId, chunk)) yield entry
}

async function writeTrainingSets(
  { trainingVersionId, validationVersionId }: JobRequest,
  entriesOf: (versionId: string) => AsyncIterable<ManifestEntry>,
  assets: AssetPlacer,
  groundTruth: GroundTruthWriter,
  folders: JobFolders,
): Promise<void> {
  const sets = [
    { file: inImage.trainIndex, versionId: trainingVersionId, name: 'the training set' },
    { file: inImage.valIndex, versionId: validationVersionId, name: 'the validation set' },
  ]
  const allAssets = new IndexFile('/in/idx-assets.tsv', folders)
  const allGroundTruth = new IndexFile('/in/idx-gt.tsv', folders)
  const seen = new Set<string>()
  for (const { file, versionId, name } of sets) {
    if (!versionId) throw new JobProblem('BAD_CONFIGURATION', `the job names no version for ${name}`)
    const index = new IndexFile(file, folders)
    const placeOne = (entry: ManifestEntry) => Promise.all([assets.place(entry), groundTruth.write(entry)])
    for await (const [asset, annotation] of mapAtOnce(entriesOf(versionId), placeOne)) {
      const line = annotation === undefined ? asset : `${asset}\t${annotation}`
      await index.add(line)
      if (seen.has(asset)) continue
      seen.add(asset)
      await allAssets.add(asset)
      await allGroundTruth.add(line)
    }
    if ((await index.close()) === 0) throw noImages(name)
  }
  await groundTruth.finish()
  await allAssets.close()
  await allGroundTruth.close()
  // the job has no test set and no predictions: their indexes are there and empty
  for (const file of ['test-index', 'idx-pred', 'pred-train-index', 'pred-val-index', 'pred-test-index'])
    await writeFile(join(folders.input, `${file}.tsv`), '')
}

function noImages(set: string): JobProblem {
  return new JobProblem('BAD_CONFIGURATION', `${set} has no images`, {
    advice: 'Choose a version with images in it.',
  })
}

/**
 * Images may run as another user: everything under /out is open to all, as is a container's own file system. The log of
 * an earlier attempt stays, for whoever reads it.
 */
async function makeFolders({ root, input, output, log }: JobFolders): Promise<void> {
  const kept = [log, recordsPath(log)].map((path) => basename(path))
  for (const name of await readdir(root).catch(() => []))
    if (!kept.includes(name)) await rm(join(root, name), { recursive: true, force: true })
  const writable = [output, join(output, 'models'), join(output, 'tensorboard')]
  for (const folder of [
    input,
    join(input, 'assets'),
    join(input, 'annotations'),
    join(input, 'models'),
    ...writable,
  ])
    await mkdir(folder, { recursive: true })
  for (const folder of writable) await chmod(folder, 0o777)
  await writeFile(log, '', { flag: 'a' })
  await link(log, join(output, 'ymir-executor-out.log'))
}

async function placeModels(stage: JobRequest['stage'], folders: JobFolders, blobs: Blobs): Promise<void> {
  const paths = modelPaths(stage)
  for (const [index, { sha256, name }] of (stage?.files ?? []).entries()) {
    if (!isPlainName(name) || !isPlainName(stage?.name ?? ''))
      throw new JobProblem('BAD_CONFIGURATION', `"${stage?.name}/${name}" is no name for a model file`)
    await place(blobs, sha256, onThisMachine(paths[index] ?? '', folders), `model file ${name}`)
  }
}

/** A name that stays within its folder. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0\n\t]/.test(name)
}

/** Puts assets where the image looks for them, each once. */
class AssetPlacer {
  private readonly folder = new Set<string>()

  constructor(
    private readonly folders: JobFolders,
    private readonly blobs: Blobs,
    private readonly signal: AbortSignal,
  ) {}

  async place({ assetId, format }: Pick<ManifestEntry, 'assetId' | 'format'>): Promise<string> {
    this.signal.throwIfAborted()
    const path = assetPath(assetId, format)
    if (this.folder.has(path)) return path
    this.folder.add(path)
    await place(this.blobs, assetId, onThisMachine(path, this.folders), `image ${assetId}`)
    return path
  }
}

async function place(blobs: Blobs, sha256: string, path: string, what: string): Promise<void> {
  try {
    await blobs.place(sha256, path)
  } catch (error) {
    if (error instanceof BlobMissing)
      throw new JobProblem('EXECUTOR_ERROR', `${what} is not in the blob store (${sha256})`, {
        advice: 'The blob store lost it: import the data again, or restore the store from its backup.',
      })
    throw error
  }
}

async function* photos(
  images: readonly BlobRef[],
  blobs: Blobs,
): AsyncGenerator<Pick<ManifestEntry, 'assetId' | 'format'>> {
  for (const { sha256 } of images) yield { assetId: sha256, format: await imageFormat(blobs, sha256) }
}

/** A file of lines that grows while assets are placed. */
class IndexFile {
  private readonly stream: WriteStream
  private lines = 0

  constructor(path: string, folders: JobFolders) {
    this.stream = createWriteStream(onThisMachine(path, folders))
    this.stream.on('error', () => {}) // close() throws it
  }

  async add(line: string): Promise<void> {
    this.lines += 1
    if (!this.stream.write(`${line}\n`)) await once(this.stream, 'drain')
  }

  /** @returns how many lines the file has */
  async close(): Promise<number> {
    this.stream.end()
    await finished(this.stream)
    return this.lines
  }
}
