import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs, writeJsonLines, type Blobs } from '@ymir/blobs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { describeImage } from '../image/image.ts'
import type { JobKind, JobRequest } from '../job/job.ts'
import { writeInput } from './input.ts'
import { assetPath, jobFolders, type JobFolders } from './layout.ts'
import type { ManifestEntry } from './manifest.ts'

let home: string
let blobs: Blobs
let folders: JobFolders
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ymir-input-'))
  blobs = await openBlobs(join(home, 'blobs'))
  folders = jobFolders(join(home, 'jobs'), 'j1')
})
afterEach(() => rm(home, { recursive: true }))

const image = describeImage(
  new Map(['training', 'mining', 'infer'].map((name) => [`${name}-template.yaml`, 'export_format: ""'])),
)

async function anImage(
  annotations: ManifestEntry['annotations'],
  bytes = `${Math.random()}`,
): Promise<ManifestEntry> {
  const { sha256 } = await blobs.put(Buffer.from(bytes))
  return { assetId: sha256, format: 'jpg', width: 100, height: 80, annotations }
}

async function write(
  kinds: readonly JobKind[],
  versions: Readonly<Record<string, readonly ManifestEntry[]>>,
  request: Partial<JobRequest> = {},
): Promise<void> {
  const manifestOf = (id: string) => writeJsonLines(blobs, versions[id] ?? [])
  await writeInput(
    {
      ...{ jobId: 'j1', projectId: 'p', kinds, image, gpuCount: 0 },
      request: {
        ...{ classNames: ['cat', "d'or <&>"], parameters: {}, candidateImages: [] },
        ...{ trainingVersionId: 'train', validationVersionId: 'val', candidateVersionId: 'pool' },
        ...request,
      },
    },
    folders,
    { blobs, versions: { manifestOf } },
    AbortSignal.timeout(10_000),
  )
}

const read = (path: string) => readFile(join(folders.input, path.replace(/^\/in/, '')), 'utf8')
const lines = async (path: string) => (await read(path)).split('\n').slice(0, -1)
const training = async (exportFormat: string, ...train: ManifestEntry[]) =>
  write(['TRAINING'], { train, val: train.slice(0, 1) }, { parameters: { export_format: exportFormat } })

const cat = { label: 'cat', box: { x: 10.4, y: 20, width: 30, height: 40 } }
const crowd = { label: 'cat', box: { x: 0, y: 0, width: 50, height: 50 }, crowd: true }
const odd = { label: "d'or <&>", box: { x: 1, y: 2, width: 1, height: 1 }, difficult: true, truncated: true }
const zebra = { label: 'zebra', box: { x: 1, y: 2, width: 3, height: 4 } }

test('each image of a set has its index line, also without objects, and paths are those in the container', async () => {
  const [one, empty] = [await anImage([cat]), await anImage([zebra])]
  await training('voc:raw', one, empty)
  const line = ({ assetId }: ManifestEntry) =>
    `${assetPath(assetId, 'jpg')}\t/in/annotations/${assetId.slice(-2)}/${assetId}.xml`
  expect(await lines('/in/train-index.tsv')).toEqual([line(one), line(empty)])
  expect(await lines('/in/val-index.tsv')).toEqual([line(one)])
  expect(await lines('/in/idx-gt.tsv')).toEqual([line(one), line(empty)])
  expect(await lines('/in/idx-assets.tsv')).toEqual(
    [one, empty].map(({ assetId }) => assetPath(assetId, 'jpg')),
  )
  for (const name of ['test-index', 'idx-pred', 'pred-train-index', 'pred-val-index', 'pred-test-index'])
    expect(await read(`${name}.tsv`)).toBe('')
  for (const path of (await lines('/in/train-index.tsv')).flatMap((text) => text.split('\t')))
    await access(join(folders.input, path.slice('/in'.length)))
})

test.each(['voc:raw', 'det-voc:raw', '', 'VOC'])(
  'export format "%s" is Pascal VOC with inclusive maxima',
  async (format) => {
    const entry = await anImage([cat, crowd, odd, zebra])
    await training(format, entry)
    const [, path = ''] = (await lines('/in/train-index.tsv'))[0]?.split('\t') ?? []
    const text = await read(path)
    expect(text.match(/<object>/g)).toHaveLength(2)
    expect(text).toContain('<size><width>100</width><height>80</height><depth>3</depth></size>')
    expect(text).toContain(
      '<bndbox><xmin>10</xmin><ymin>20</ymin><xmax>39</xmax><ymax>59</ymax><rotate_angle>0</rotate_angle></bndbox>',
    )
    expect(text).toContain("<name>d'or &lt;&amp;&gt;</name>")
    expect(text).toMatch(
      /d'or[^]*<truncated>1<[^]*<xmax>1<[^]*<difficult>1<[^]*<box_quality>-1<[^]*<confidence>-1</,
    )
    expect(text).not.toContain('zebra')
  },
)

test.each(['ark:raw', 'det-ark:raw'])('export format "%s" is a text, an object a line', async (format) => {
  await training(format, await anImage([odd, cat, crowd, zebra]), await anImage([]))
  const paths = (await lines('/in/train-index.tsv')).map((line) => line.split('\t')[1] ?? '')
  expect(paths.every((path) => path.endsWith('.txt'))).toBe(true)
  expect(await read(paths[0] ?? '')).toBe('1, 1, 2, 1, 2, -1, 0\n0, 10, 20, 39, 59, -1, 0\n')
  expect(await read(paths[1] ?? '')).toBe('')
})

test.each(['coco:raw', 'det-coco:raw'])('export format "%s" is one file for all sets', async (format) => {
  const [one, empty] = [await anImage([cat, crowd, zebra]), await anImage([])]
  await training(format, one, empty)
  for (const line of await lines('/in/train-index.tsv'))
    expect(line.split('\t')[1]).toBe('/in/annotations/coco-annotations.json')
  const { images, annotations, categories } = JSON.parse(
    await read('/in/annotations/coco-annotations.json'),
  ) as Record<string, Record<string, unknown>[]>
  expect(images?.map(({ file_name }) => file_name)).toEqual(
    [one, empty].map(({ assetId }) => `${assetId}.jpg`),
  )
  expect(categories?.map(({ name }) => name)).toEqual(['cat', "d'or <&>"])
  expect(annotations).toMatchObject([
    { image_id: 1, category_id: 1, bbox: [10.4, 20, 30, 40], iscrowd: 0 },
    { image_id: 1, category_id: 1, iscrowd: 1 },
  ])
})

test('export format "none:raw" gives images alone', async () => {
  const entry = await anImage([cat])
  await training('none:raw', entry)
  expect(await lines('/in/train-index.tsv')).toEqual([assetPath(entry.assetId, 'jpg')])
  expect(await readdir(join(folders.input, 'annotations'))).toEqual([])
})

test.each([
  ['seg-coco:raw', 'needs segmentation masks'],
  ['seg-poly:raw', 'needs segmentation polygons'],
  ['seg-mask:raw', 'needs segmentation masks'],
  ['det-ls-json:raw', 'is not written by this platform yet'],
  ['constructor:raw', '"constructor" is unknown'],
  ['voc:lmdb', 'images are given as they are: "raw", not "lmdb"'],
])('export format "%s" is refused in words before anything is written', async (format, problem) => {
  await expect(training(format, await anImage([cat]))).rejects.toMatchObject({
    code: 'BAD_CONFIGURATION',
    message: expect.stringContaining(`export_format "${format}": ${problem}`) as string,
    advice: 'Use one of voc, ark, coco, none, det-voc, det-ark, det-coco before ":raw".',
  })
  await expect(stat(folders.root)).rejects.toThrow('ENOENT')
})

test('an export format says nothing to mining', async () => {
  const pool = [await anImage([]), await anImage([])]
  await write(['MINING'], { pool }, { parameters: { export_format: 'seg-mask:raw' } })
  expect(await lines('/in/candidate-index.tsv')).toEqual(pool.map(({ assetId }) => assetPath(assetId, 'jpg')))
  await expect(stat(join(folders.input, 'train-index.tsv'))).rejects.toThrow('ENOENT')
})

test('class names with quotes and of any script are read back from config.yaml as they are', async () => {
  const classNames = ['no', "d'or", '"q"', '猫', 'a: b', '010', '']
  const entry = await anImage([])
  await write(['TRAINING'], { train: [entry], val: [entry] }, { classNames })
  expect(parse(await read('config.yaml'), { version: '1.1' })).toMatchObject({ class_names: classNames })
})

test('a model lies under its stage, and /out is writable by any user', async () => {
  const { sha256, size } = await blobs.put(Buffer.from('weights'))
  const stage = { name: 'epoch_2', files: [{ name: 'a.onnx', sha256, size }] }
  await write(['INFERENCE'], { pool: [await anImage([])] }, { stage })
  expect(await read('/in/models/epoch_2/a.onnx')).toBe('weights')
  for (const folder of ['', 'models', 'tensorboard'])
    expect((await stat(join(folders.output, folder))).mode & 0o777).toBe(0o777)
})

test('an empty set is refused', async () => {
  await expect(training('voc:raw')).rejects.toMatchObject({ message: 'the training set has no images' })
})
