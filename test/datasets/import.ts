import { execFileSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { anArchive, anImage, aVocFile } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import { beforeAll, describe, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Files } from '../testing/dataset.ts'
import { signUp, type TestPlatform } from '../testing/platform.ts'
import { importRoot as root, onePlatform } from './one-platform.ts'

let ymir: TestPlatform
let project: DatasetProject
let image: Buffer

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'imports', ['disc', 'square'])
  image = await anImage({ tone: 400 })
}, 120_000)

const box = { x: 10, y: 20, width: 20, height: 10 }
const vocOfBox = aVocFile([{ name: 'disc', corners: [10, 20, 29, 29] }])
const coco = (annotation: object) =>
  JSON.stringify({
    categories: [{ id: 7, name: 'disc' }],
    images: [{ id: 70, file_name: 'a.jpg', width: 64, height: 48 }],
    annotations: [{ id: 1, image_id: 70, category_id: 7, iscrowd: 0, area: 200, ...annotation }],
  })
const region = { x: (10 / 64) * 100, y: (20 / 48) * 100, width: (20 / 64) * 100, height: (10 / 48) * 100 }
const task = {
  data: { image: '/data/upload/1/0a1b2c3d-a.jpg' },
  annotations: [
    {
      result: [
        {
          ...{ type: 'rectanglelabels', original_width: 64, original_height: 48, image_rotation: 0 },
          value: { ...region, rotation: 0, rectanglelabels: ['disc'] },
        },
      ],
    },
  ],
}

interface Found {
  readonly assets: { readonly edges: { readonly node: { readonly annotations: object[] } }[] }
}

async function annotationsOf(versionId: string): Promise<object[]> {
  const { assets } = await project.of<Found>(
    versionId,
    'assets { edges { node { annotations { label crowd box { x y width height } } } } }',
  )
  return assets.edges.flatMap(({ node }) => node.annotations)
}

const inspection = async (uploadId: string) => {
  const fields = 'inspection { format why imageCount knownLabels unknownLabels problems { file problem } }'
  return project.mutate('inspectImport', { projectId: project.id, uploadId }, fields)
}

describe('each format is recognised by itself, seen before and imported as what it says', () => {
  test.each<[string, string, Files, object[]]>([
    ['Pascal VOC', 'VOC', { 'images/a.jpg': '', 'annotations/a.xml': vocOfBox }, [{ box }]],
    ['COCO', 'COCO', { 'a.jpg': '', 'a.json': coco({ bbox: [10, 20, 20, 10] }) }, [{ box, crowd: false }]],
    [
      'COCO with an outline and no box',
      'COCO',
      { 'a.jpg': '', 'a.json': coco({ segmentation: [[10, 20, 30, 20, 30, 30, 10, 30]] }) },
      [{ box }],
    ],
    [
      'COCO with a crowd in run lengths',
      'COCO',
      // column by column: 10 columns of 48 pixels and 20 more before the first of 20 runs of 10
      {
        'a.jpg': '',
        'a.json': coco({
          iscrowd: 1,
          segmentation: {
            size: [48, 64],
            counts: [10 * 48 + 20, 10, ...Array<number[]>(19).fill([38, 10]).flat(), 64 * 48 - 29 * 48 - 30],
          },
        }),
      },
      [{ box, crowd: true }],
    ],
    [
      'YOLO',
      'YOLO',
      {
        'images/train/a.jpg': '',
        'labels/train/a.txt': `0 ${20 / 64} ${25 / 48} ${20 / 64} ${10 / 48}\n`,
        'data.yaml': 'train: images/train\nnames:\n  0: disc\n',
      },
      [{ box }],
    ],
    [
      'YOLO with a folder for each part',
      'YOLO',
      {
        'train/images/a.jpg': '',
        'train/labels/a.txt': `0 ${20 / 64} ${25 / 48} ${20 / 64} ${10 / 48}\n`,
        'data.yaml': 'train: train/images\nnames: [disc]\n',
      },
      [{ box }],
    ],
    ['the published system', 'YMIR', { 'images/a.jpg': '', 'gt/a.xml': vocOfBox }, [{ box }]],
    ['Label Studio', 'LABEL_STUDIO', { 'images/a.jpg': '', 'tasks.json': JSON.stringify([task]) }, [{ box }]],
    ['images alone', 'IMAGES', { 'some/a.jpg': '' }, []],
  ])('%s', async (_, format, files, annotations) => {
    const complete = Object.fromEntries(
      Object.entries(files).map(([name, content]) => [name, name.endsWith('.jpg') ? image : content]),
    )
    const uploadId = await project.uploaded(complete)
    expect(await inspection(uploadId)).toMatchObject({
      inspection: {
        format,
        imageCount: 1,
        knownLabels: annotations.length ? ['disc'] : [],
        unknownLabels: [],
        problems: [],
      },
    })
    const { state, report, version } = await project.imported({ uploadId })
    expect([state, report?.format, version?.assetCount]).toEqual(['SUCCEEDED', format, 1])
    const found = await annotationsOf(version!.id)
    expect(found).toHaveLength(annotations.length)
    for (const [index, annotation] of annotations.entries())
      expect(round(found[index]!)).toMatchObject({ label: 'disc', ...annotation })
  })
})

/** Numbers as they were before they were divided into parts of the image. */
function round(found: object): object {
  return JSON.parse(JSON.stringify(found), (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1e6) / 1e6 : value,
  ) as object // of an object
}

const files = async (): Promise<Files> => ({ 'images/a.jpg': image, 'annotations/a.xml': vocOfBox })

async function served(archive: Buffer): Promise<{ url: string; server: Server }> {
  const server = createServer((_, response) => response.end(archive))
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // listens on a port
  return { url: `http://127.0.0.1:${port}/set.zip`, server }
}

describe('from wherever they come, the same files are the same version', () => {
  test('an upload, a URL, a folder, a zip, a tar and a tar.gz of the server, and another version', async () => {
    const archive = anArchive(await files())
    const uploaded = await project.versionOf(archive)
    const { url, server } = await served(archive)
    mkdirSync(join(root, 'set/images'), { recursive: true })
    mkdirSync(join(root, 'set/annotations'))
    for (const [name, content] of Object.entries(await files()))
      writeFileSync(join(root, 'set', name), content)
    writeFileSync(join(root, 'set.zip'), archive)
    execFileSync('tar', ['-cf', join(root, 'set.tar'), '-C', join(root, 'set'), '.'])
    execFileSync('tar', ['-czf', join(root, 'set.tar.gz'), '-C', join(root, 'set'), 'images', 'annotations'])
    const other = await aDatasetProject(ymir.client, 'another', ['disc'])
    const sources = [
      { url },
      { path: join(root, 'set') },
      { path: join(root, 'set.zip') },
      { path: join(root, 'set.tar') },
      { uploadId: await project.uploaded(readFileSync(join(root, 'set.tar'))) },
      { uploadId: await project.uploaded(readFileSync(join(root, 'set.tar.gz'))) },
      { versionId: uploaded.id },
    ]
    for (const source of sources) {
      const { state, problem, version } = await other.imported(source)
      expect([source, state, problem, version?.root]).toEqual([source, 'SUCCEEDED', null, uploaded.root])
    }
    server.close()
  })

  test('of a public dataset by anyone, of a private one by members only', async () => {
    const version = await project.versionOf(await files())
    const grace = await signUp(ymir.client, 'gwen@ymir.example')
    const hers = await aDatasetProject(grace, 'hers', ['disc'])
    const refused = hers.requestImport({ versionId: version.id })
    await expect(refused).rejects.toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    await project.mutate(
      'shareDataset',
      { datasetId: version.dataset.id, public: true },
      'dataset { public }',
    )
    expect(await hers.imported({ versionId: version.id })).toMatchObject({
      ...{ state: 'SUCCEEDED', version: { root: version.root } },
    })
    const uploadId = await project.uploaded(await files())
    await expect(hers.requestImport({ uploadId })).rejects.toMatchObject({
      extensions: { code: 'UPLOAD_MISSING' },
    })
  })

  test('a folder outside of those allowed is refused', async () => {
    for (const path of ['/etc', join(root, '..'), `${root}-not`])
      await expect(project.requestImport({ path })).rejects.toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', field: 'path' },
      })
  })
})

describe('what is unknown or broken', () => {
  const mixed = async (): Promise<Files> => ({
    'images/a.jpg': image,
    'annotations/a.xml': aVocFile([
      { name: 'disc', corners: [1, 1, 9, 9] },
      { name: 'newt', corners: [1, 1, 9, 9] },
    ]),
    'images/b.jpg': 'no image',
  })

  test('stops the import, or is left out, or added, as the policy says; the report has it as JSON and as a table', async () => {
    const stopped = await project.importedFiles(await mixed())
    expect(stopped).toMatchObject({ state: 'REFUSED', version: null, report: { unknownLabels: ['newt'] } })
    const half = await project.importedFiles(await mixed(), { badItems: 'SKIP' })
    expect(half).toMatchObject({ state: 'REFUSED', problem: expect.stringContaining('"newt"') as string })
    const otherHalf = await project.importedFiles(await mixed(), { unknownLabels: 'IGNORE' })
    expect(otherHalf).toMatchObject({ state: 'REFUSED', version: null })
    expect(otherHalf.report?.problems).toContainEqual(
      expect.objectContaining({ file: 'images/b.jpg', outcome: 'REFUSED' }),
    )

    const ignored = await project.importedFiles(await mixed(), { badItems: 'SKIP', unknownLabels: 'IGNORE' })
    expect(ignored.version).toMatchObject({ assetCount: 1, labels: [{ label: 'disc', annotationCount: 1 }] })
    const images = await project.importedFiles(await mixed(), { badItems: 'SKIP', annotations: 'IGNORE' })
    expect(images.version).toMatchObject({ assetCount: 1, annotationCount: 0, negativeCount: 1 })
    const added = await project.importedFiles(await mixed(), { badItems: 'SKIP', unknownLabels: 'ADD' })
    expect(added.version!.labels.map(({ label }) => label)).toEqual(['disc', 'newt'])

    const json = JSON.parse((await ymir.client.download(added.reportUrl!)).toString()) as {
      problems: { file: string; outcome: string }[]
    }
    expect(json.problems).toMatchObject([{ file: 'images/b.jpg', outcome: 'SKIPPED' }])
    const table = await ymir.client.get(added.reportUrl!.replace('.json', '.csv'))
    expect(table.headers.get('content-type')).toContain('text/csv')
    const [heading, row] = (await table.text()).split('\r\n')
    expect(heading).toContain('file')
    expect(row).toContain('images/b.jpg')
    const stranger = await signUp(ymir.client, `mallory@ymir.example`)
    expect((await stranger.get(added.reportUrl!)).status).toBe(403)
  })
})

test('a running import is cancelled within seconds and leaves nothing; the next begins from the same upload', async () => {
  const many: Record<string, Buffer> = {}
  for (let index = 0; index < 4_000; index++)
    many[`images/${index}.jpg`] = Buffer.concat([image.subarray(0, 2), commentOf(index), image.subarray(2)])
  const uploadId = await project.uploaded(anArchive(many))
  const id = await project.requestImport({ uploadId, name: 'cancelled' })
  const stateOf = async () =>
    (
      await ymir.client.ask<{ import: { state: string } }>('query ($id: ID!) { import(id: $id) { state } }', {
        id,
      })
    ).import.state
  await waitUntil('the import to run', async () => (await stateOf()) === 'RUNNING', { everyMs: 20 })
  const began = Date.now()
  await project.mutate('cancelImport', { id }, 'import { state }')
  expect(await project.whenImportEnded(id)).toMatchObject({ state: 'CANCELLED', version: null })
  expect(Date.now() - began).toBeLessThan(5_000)
  const again = await project.imported({ uploadId })
  expect(again.version?.assetCount).toBe(4_000)
}, 60_000)

/** A JPEG comment: makes other bytes of the same picture. */
function commentOf(index: number): Buffer {
  const text = Buffer.from(`image ${index}`)
  return Buffer.concat([Buffer.from([0xff, 0xfe, 0, text.length + 2]), text])
}
