import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual, promisify } from 'node:util'
import { anImage, aVocFile } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import { beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version } from '../testing/dataset.ts'
import type { TestPlatform } from '../testing/platform.ts'
import { onePlatform } from './one-platform.ts'

const run = promisify(execFile)
const hasPython = spawnSync('python3', ['--version']).status === 0
const hasUnzip = spawnSync('unzip', ['-v']).status === 0
const reader = fileURLToPath(
  new URL('../../services/dataset/src/export/fixtures/read_export.py', import.meta.url),
)

let ymir: TestPlatform
let project: DatasetProject
/** With all that every format can carry. */
let plain: Version
/** With tags, metadata, attributes and a difficult object, too. */
let rich: Version

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'exports', ['disc', 'square'])
  plain = await project.versionOf(await threeImages(''))
  rich = await project.versionOf(
    await threeImages('<cks><camera>3</camera></cks><image_tags><tag>blurred</tag></image_tags>'),
  )
}, 120_000)

/** Two images with boxes and a negative. */
async function threeImages(about: string): Promise<Record<string, Buffer | string>> {
  const files: Record<string, Buffer | string> = {}
  for (let index = 0; index < 3; index++)
    files[`images/${index}.png`] = await anImage({ tone: 500 + index, format: 'png', width: 100, height: 75 })
  for (let index = 0; index < 2; index++) {
    const boxes = ['disc', 'square', 'disc'].map((name, place) => ({
      name,
      corners: [1 + place * 25, 3, 20 + place * 25, 41 + index],
    }))
    const text = aVocFile(boxes, { width: 100, height: 75 }).replace('<annotation>', `<annotation>${about}`)
    files[`annotations/${index}.xml`] = about
      ? text.replace('<name>', '<difficult>1</difficult><tags><stage>late</stage></tags><name>')
      : text
  }
  return files
}

interface Export {
  readonly path: string
  readonly bytes: Buffer
  readonly loses: readonly string[]
}

async function exported({ id }: Version, format: string, container: string): Promise<Export> {
  const input = { versionId: id, format, container }
  const { url, loses } = await project.mutate<{ url: string; loses: string[] }>(
    'exportVersion',
    input,
    'url loses',
  )
  const bytes = await ymir.client.download(url)
  const path = join(await mkdtemp(join(ymir.home, 'export-')), `export.${container.toLowerCase()}`)
  await writeFile(path, bytes)
  return { path, bytes, loses }
}

const formats = ['VOC', 'COCO', 'YOLO', 'YMIR', 'LABEL_STUDIO', 'IMAGES']
const cases = formats.flatMap((format) => ['ZIP', 'TAR'].map((container) => [format, container] as const))

test.each(cases)(
  '%s as a %s has the same bytes each time, and the tools of the system unpack it',
  async (format, container) => {
    const { path, bytes } = await exported(rich, format, container)
    expect((await exported(rich, format, container)).bytes.equals(bytes)).toBe(true)
    if (container === 'TAR') {
      const { stdout } = await run('tar', ['-tf', path])
      expect(stdout.match(/\.png$/gm)).toHaveLength(3)
    } else if (hasUnzip) expect((await run('unzip', ['-tq', path])).stdout).toContain('No errors')
  },
)

test.runIf(hasPython).each(formats)(
  "%s is read by Python's own parsers as the boxes that the graph shows",
  async (format) => {
    const { path } = await exported(plain, format, 'TAR')
    const read = JSON.parse((await run('python3', [reader, path, format])).stdout) as Record<
      string,
      unknown[][]
    >
    interface Found {
      readonly assets: {
        readonly edges: {
          node: { id: string; annotations: { label: string; box: Record<string, number> }[] }
        }[]
      }
    }
    const { assets } = await project.of<Found>(
      plain.id,
      'assets { edges { node { id annotations { label box { x y width height } } } } }',
    )
    const shown = assets.edges.map(({ node }) => [
      `${node.id}.png`,
      node.annotations
        .filter(() => format !== 'IMAGES')
        .map(({ label, box }) => [label, box.x, box.y, box.width, box.height])
        .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    ])
    const inOrder = Object.entries(read).map(([name, objects]) => [
      name,
      objects.sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
    ])
    expect(Object.fromEntries(inOrder)).toEqual(Object.fromEntries(shown))
  },
)

test.each(['VOC', 'COCO', 'YMIR'])(
  '%s carries everything: our own export comes back with the same root',
  async (format) => {
    for (const version of [plain, rich]) {
      const { bytes, loses } = await exported(version, format, 'ZIP')
      expect(loses).toEqual([])
      expect((await project.versionOf(bytes)).root).toBe(version.root)
    }
  },
)

test.each(['YOLO', 'LABEL_STUDIO'])(
  '%s brings boxes back with the same root, and says what else it loses',
  async (format) => {
    const { bytes, loses } = await exported(plain, format, 'ZIP')
    expect(loses.length).toBeGreaterThan(0)
    expect((await project.versionOf(bytes)).root).toBe(plain.root)
  },
)

const everything = `tags metadata { key value } annotations { label box { x y width height } rotation quality truncated
  polygons mask { size counts } attributes { key value } source { kind id } }`
type Described = Readonly<Record<'tags' | 'metadata' | 'annotations', object[]>>

/** All that is said of the one image of a version. */
async function describedIn(versionId: string): Promise<Described> {
  const { assets } = await project.of<{ assets: { edges: { node: Described }[] } }>(
    versionId,
    `assets { edges { node { ${everything} } } }`,
  )
  expect(assets.edges).toHaveLength(1)
  return assets.edges[0]!.node
}

/** An image with an object that has an outline and much besides, and one that is a mask. */
async function aRichSet(): Promise<Record<string, Buffer | string>> {
  const about = {
    id: 1,
    file_name: 'a.jpg',
    width: 64,
    height: 48,
    tags: ['blurred'],
    metadata: { camera: '3' },
  }
  const outlined = {
    ...{ id: 1, image_id: 1, category_id: 7, bbox: [10, 20, 20, 10], truncated: 1 },
    ...{ segmentation: [[10, 20, 30, 20, 30, 30]], rotation: 0.5, quality: 0.75 },
    attributes: { stage: 'late', 'seen by': 'Ada' },
  }
  const runs = [500, 10, 64 * 48 - 510] // down the eleventh column, 48 pixels each
  const masked = { id: 2, image_id: 1, category_id: 7, segmentation: { size: [48, 64], counts: runs } }
  const categories = [{ id: 7, name: 'disc' }]
  const instances = JSON.stringify({ categories, images: [about], annotations: [outlined, masked] })
  return { 'a.jpg': await anImage({ tone: 599 }), 'a.json': instances }
}

test('rotation, outlines, masks, keys, tags and sources are told, carried by exports and kept by a labeller', async () => {
  const { id, version } = await project.importedFiles(await aRichSet())
  const nothing = {
    rotation: null,
    quality: null,
    polygons: null,
    mask: null,
    truncated: false,
    attributes: [],
  }
  const source = { kind: 'IMPORT', id }
  const boxes = [
    { x: 10, y: 20, width: 1, height: 10 },
    { x: 10, y: 20, width: 20, height: 10 },
  ]
  const [masked, outlined] = boxes.map((box) => ({ ...nothing, label: 'disc', box, source }))
  const described = {
    tags: ['blurred'],
    metadata: [{ key: 'camera', value: '3' }],
    annotations: [
      { ...masked, mask: { size: [48, 64], counts: 'd?:R`2' } }, // 500, 10 and 2562 as COCO writes them
      {
        ...outlined,
        ...{ rotation: 0.5, quality: 0.75, truncated: true, polygons: [[10, 20, 30, 20, 30, 30]] },
        attributes: [
          { key: 'seen by', value: 'Ada' },
          { key: 'stage', value: 'late' },
        ],
      },
    ],
  }
  expect(await describedIn(version!.id)).toEqual(described)

  for (const format of ['VOC', 'COCO', 'YMIR']) {
    const { bytes, loses } = await exported(version!, format, 'TAR')
    expect([format, loses]).toEqual([format, []])
    const back = await project.versionOf(bytes)
    expect([format, back.root]).toEqual([format, version!.root])
  }

  const shown = 'id annotations { label box { x y width height } rotation difficult truncated crowd }'
  const task = { projectId: project.id, name: 'by hand', versionId: version!.id }
  const made = await project.mutate<{ task: { id: string } }>('createLabellingTask', task, 'task { id }')
  const taskId = made.task.id
  const item = await waitUntil('the image to be claimed', async () => {
    const claimed = await project.mutate<{ item: { id: string; annotations: object[] } | null }>(
      'claimItem',
      { taskId },
      `item { ${shown} }`,
    )
    return claimed.item
  })
  const drawn = { label: 'square', box: { x: 40, y: 30, width: 8, height: 8 } }
  const answer = { itemId: item.id, annotations: [...item.annotations, drawn] }
  const { item: answered } = await project.mutate<{ item: { answeredBy: { id: string } } }>(
    'submitItem',
    answer,
    'item { answeredBy { id } }',
  )
  const labelled = await waitUntil('the labelled version', async () => {
    const query = 'query ($taskId: ID!) { labellingTask(id: $taskId) { result { id } } }'
    const found = await ymir.client.ask<{ labellingTask: { result: { id: string } | null } }>(query, {
      taskId,
    })
    return found.labellingTask.result
  })
  const byHand = { ...nothing, ...drawn, source: { kind: 'PERSON', id: answered.answeredBy.id } }
  expect(await describedIn(labelled.id)).toEqual({
    ...described,
    annotations: [...described.annotations, byHand],
  })
  const sources = [
    { __typename: 'DatasetVersion', id: labelled.id },
    { __typename: 'DatasetVersion', id: version!.id },
    { __typename: 'LabellingTask', id: taskId, name: 'by hand' },
  ]
  await waitUntil('the task to stand in the lineage', async () => {
    const { lineage } = await project.of<{ lineage: { nodes: object[] } }>(
      labelled.id,
      'lineage(direction: UP) { nodes { __typename ... on DatasetVersion { id } ... on LabellingTask { id name } } }',
    )
    return isDeepStrictEqual(new Set(lineage.nodes), new Set(sources))
  })
}, 60_000)

test('an export that is known already is not sent again, and strangers get none', async () => {
  const path = `/files/exports/${plain.id}.coco.tar`
  const first = await ymir.client.get(path)
  expect(first.headers.get('content-type')).toBe('application/x-tar')
  await first.body?.cancel()
  expect((await ymir.client.get(path, { 'if-none-match': first.headers.get('etag')! })).status).toBe(304)
  expect((await ymir.client.withToken('').get(path)).status).toBe(401)
})
