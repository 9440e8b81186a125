import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Annotation, annotationSetOf } from '../annotation/annotation.ts'
import { countsOf } from '../annotation/mask.ts'
import { cocoReader } from '../format/coco/coco-reader.ts'
import { FormatName, type Files } from '../format/format.ts'
import { ymirReader } from '../format/ymir/ymir-reader.ts'
import { importLimits } from '../import/limits.ts'
import { Archive } from '../import/zip/archive.ts'
import { readFiles, setOf } from '../testing/format.ts'
import { startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion } from '../testing/stored-version.ts'

const run = promisify(execFile)
const python = '/usr/bin/python3'
const hasPython = spawnSync(python, ['--version']).status === 0
if (!hasPython) console.log('exports are not held against Python: there is no python3')

const size = { width: 800, height: 600 } // its noise is more than a megabyte
const plain = { difficult: false, truncated: false, crowd: false }
const mask = { size: [600, 800] as const, counts: countsOf([600 * 10 + 5, 20, 580, 20, 600 * 789 - 25]) }
const annotations: Annotation[] = [
  {
    label: 'cell',
    box: { x: 13, y: 0.5, width: 100.25, height: 300 },
    ...plain,
    difficult: true,
    quality: 0.5,
  },
  { label: 'a & b <c>', box: { x: 1, y: 1, width: 800, height: 600 }, ...plain, rotation: 0.25 },
  {
    ...{ label: 'cell', box: { x: 10, y: 10, width: 20, height: 20 } },
    ...{ polygons: [[10, 10, 30, 10, 30, 30]], ...plain, attributes: { 'my key': 'x "y"' } },
  },
  { label: 'nucleus', box: { x: 10, y: 5, width: 2, height: 20 }, mask, ...plain, crowd: true },
]
const sets = [
  annotationSetOf(annotations, { tags: ['blurred'], metadata: { camera: '3' } }),
  annotationSetOf([]),
  annotationSetOf([{ label: 'cell', box: { x: 0.1, y: 0.2, width: 0.7, height: 0.4 }, ...plain }]),
]

let service: TestService
let owner: UserCaller
let folder: string
let versionId: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-formats-'))
  service = await startTestService()
  const project = await service.aProject(['cell'])
  owner = project.owner
  versionId = (await aStoredVersion(service, project.projectId, sets, size)).id
})
afterAll(async () => {
  await service.stop()
  await rm(folder, { recursive: true })
})

async function exported(
  format: string,
  container: string,
): Promise<{ path: string; bytes: Buffer; loses: string[] }> {
  const { data, errors } = await service.ask(
    `mutation ($input: ExportVersionInput!) { exportVersion(input: $input) { url loses } }`,
    { input: { versionId, format, container } },
    owner,
  )
  if (errors) throw new Error(errors[0]?.message)
  const { url, loses } = data.exportVersion
  const response = await service.get(url, owner)
  expect(response.status).toBe(200)
  const bytes = Buffer.from(await response.arrayBuffer())
  const path = join(folder, url.split('/').at(-1))
  await writeFile(path, bytes)
  return { path, bytes, loses }
}

type Found = readonly [label: string, ...box: number[]]

/** Objects of one image, in one order whatever the program that found them. */
function inOrder(objects: readonly Found[]): string {
  return JSON.stringify([...objects].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** What another program must find. */
function boxesOf(isFound: (annotation: Annotation) => boolean): string[] {
  return sets.map(({ annotations: all }) =>
    inOrder(all.filter(isFound).map(({ label, box }) => [label, box.x, box.y, box.width, box.height])),
  )
}

const formats = Object.keys(FormatName)
const cases = formats.flatMap((format) => ['ZIP', 'TAR'].map((container) => [format, container] as const))

test.runIf(hasPython).each(cases)('%s in a %s is what Python reads', async (format, container) => {
  const { path } = await exported(format, container)
  const { stdout } = await run(python, [join(import.meta.dirname, 'fixtures/read_export.py'), path, format])
  const read = Object.values(JSON.parse(stdout) as Record<string, Found[]>) // the program's own form
  expect(read.map(inOrder).sort()).toEqual(boxesOf((one) => isRead(format, one)).sort())
})

function isRead(format: string, { polygons, mask, rotation }: Annotation): boolean {
  if (format === 'IMAGES') return false
  // of Label Studio's regions the program reads upright rectangles only
  return format !== 'LABEL_STUDIO' || !(polygons ?? mask ?? rotation)
}

test.each(cases)(
  '%s in a %s has the same bytes each time, and programs of the system take it',
  async (format, container) => {
    const { path, bytes } = await exported(format, container)
    expect((await exported(format, container)).bytes.equals(bytes)).toBe(true)
    if (container === 'TAR') {
      const { stdout } = await run('tar', ['-tf', path])
      expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(sets.length)
    } else if (spawnSync('unzip', ['-v']).status === 0) await run('unzip', ['-tq', path])
  },
)

test.each([
  ['COCO', cocoReader],
  ['YMIR', ymirReader],
])('%s that says it loses nothing comes back as it was', async (format, reader) => {
  const { path, loses } = await exported(format, 'ZIP')
  expect(loses).toEqual([])
  const archive = await Archive.open(path, importLimits)
  const files: Files = {
    entries: () => archive.entries(),
    read: (entry, maxBytes) => archive.read(entry as never, maxBytes), // an entry of this archive
    async *stream(entry, maxBytes) {
      yield await archive.read(entry as never, maxBytes)
    },
  }
  const { images, problems } = await readFiles(reader, files, size)
  await archive.close()
  expect(problems).toEqual([])
  expect([...images.values()].map((image) => setOf(image).hash).sort()).toEqual(
    sets.map(({ hash }) => hash).sort(),
  )
})

test('what is lost is said', async () => {
  const losses = await Promise.all(
    formats.map(async (format) => [format, (await exported(format, 'ZIP')).loses.length > 0]),
  )
  expect(Object.fromEntries(losses)).toEqual({
    ...{ VOC: false, COCO: false, YMIR: false },
    ...{ YOLO: true, LABEL_STUDIO: true, IMAGES: true },
  })
})

describe('an address', () => {
  test('of an export that is known already is answered with its ETag', async () => {
    const path = `/files/exports/${versionId}.coco.tar`
    const first = await service.get(path, owner)
    await first.body?.cancel()
    expect(first.headers.get('content-type')).toBe('application/x-tar')
    const etag = first.headers.get('etag')!
    expect((await service.get(path, owner, { 'if-none-match': etag })).status).toBe(304)
    const other = await service.get(path.replace('tar', 'zip'), owner, { 'if-none-match': etag })
    await other.body?.cancel()
    expect(other.status).toBe(200)
  })

  test.each(['coco', 'coco.rar', 'COCO.zip', 'label_studio.zip', 'coco.zip.zip', 'constructor.zip'])(
    'that ends in .%s is none',
    async (end) => {
      expect((await service.get(`/files/exports/${versionId}.${end}`, owner)).status).toBe(404)
    },
  )
})
