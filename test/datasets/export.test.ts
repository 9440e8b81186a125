import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { anImage, aVocFile } from '@ymir/dataset/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject, type Version } from '../testing/dataset.ts'
import { aPlatform, type TestPlatform } from '../testing/platform.ts'

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
  ymir = await aPlatform()
  project = await aDatasetProject(ymir.client, 'exports', ['disc', 'square'])
  plain = await project.versionOf(await threeImages(''))
  rich = await project.versionOf(
    await threeImages('<cks><camera>3</camera></cks><image_tags><tag>blurred</tag></image_tags>'),
  )
}, 120_000)
afterAll(() => ymir?.stop(), 60_000)

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

test('an export that is known already is not sent again, and strangers get none', async () => {
  const path = `/files/exports/${plain.id}.coco.tar`
  const first = await ymir.client.get(path)
  expect(first.headers.get('content-type')).toBe('application/x-tar')
  await first.body?.cancel()
  expect((await ymir.client.get(path, { 'if-none-match': first.headers.get('etag')! })).status).toBe(304)
  expect((await ymir.client.withToken('').get(path)).status).toBe(401)
})
