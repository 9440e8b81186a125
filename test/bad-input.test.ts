import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitUntil } from '@ymir/service'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { ApiClient, type Refused } from './testing/client.ts'
import { anExecutorImage, leaveAModel, readJob, type Job } from './testing/executor-image.ts'
import {
  createProject,
  importArchive,
  readModel,
  trainModel,
  whenModelEnded,
  type ImportChoice,
  type Version,
} from './testing/loop.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'
import { pictures, vocArchive, vocFile, zipOf, type Picture } from './testing/shapes.ts'

let ymir: TestPlatform
let client: ApiClient
let projectId: string
let good: Version
let first: Picture
let second: Picture

beforeAll(async () => {
  ymir = await aPlatform()
  client = ymir.client
  projectId = await createProject(client, 'Shapes in the mud')
  const three = await pictures(3, 1)
  ;[first, second] = three as [Picture, Picture, Picture] // as many as asked for
  good = (await importArchive(client, vocArchive(three), { projectId, name: 'good' })).version!
}, 120_000)
afterAll(() => ymir?.stop(), 60_000)

const inDisc = (corners: readonly (number | string)[]) => vocFile([{ label: 'disc', corners }])
const bring = (archive: Buffer, choice: Partial<ImportChoice> & { name: string }) =>
  importArchive(client, archive, { projectId, ...choice })

/** Names of all that the project and the workspace hold: what a refused import must leave as it was. */
async function holdings(): Promise<object> {
  const query = `query ($id: ID!) {
    project(id: $id) { datasets(first: 100) { edges { node { name versions { totalCount } } } } }
    labels(first: 100) { edges { node { name } } }
  }`
  return client.ask(query, { id: projectId })
}

describe('an archive that is refused says where and what to do, and leaves nothing behind', () => {
  test.each<[string, () => Buffer, string, number | null, RegExp]>([
    ['no zip', () => Buffer.from('hello'), 'archive', null, /is not a zip archive: pack /],
    [
      'a zip cut short',
      () => vocArchive([first, second]).subarray(0, 900),
      'archive',
      null,
      /is cut short: .*: upload it again; /,
    ],
    [
      'a name that leads out of it',
      () => zipOf({ '../../images/a.png': first.png }),
      '../../images/a.png',
      null,
      /is a name that leads out of the archive: pack /,
    ],
    ['a bomb: 8 GB in less than a megabyte', aBomb, 'archive', null, /it looks like a zip bomb: pack /],
    [
      'an image that is none',
      () => zipOf({ 'images/a.png': 'I am no image' }),
      'images/a.png',
      null,
      /^images\/a\.png: is not an image: leave it out, or replace it by /,
    ],
    [
      'an annotation without image',
      () => zipOf({ 'images/a.png': first.png, 'annotations/b.xml': inDisc([1, 1, 9, 9]) }),
      'annotations/b.xml',
      null,
      /^annotations\/b\.xml: has no image of the same name: add the image, or remove /,
    ],
    [
      'a box without area',
      () => zipOf({ 'images/a.png': first.png, 'annotations/a.xml': inDisc([7, 1, 7, 9]) }),
      'annotations/a.xml',
      12,
      /^annotations\/a\.xml:12: object\/bndbox\/xmax 7 is not greater than xmin 7 \(image 64x64\): fix the box, or .*SKIP/,
    ],
    [
      'a box outside its image',
      () => zipOf({ 'images/a.png': first.png, 'annotations/a.xml': inDisc([1, 1, 9, 99]) }),
      'annotations/a.xml',
      13,
      /^annotations\/a\.xml:13: object\/bndbox\/ymax 99 is outside the image \(64x64\): fix the box, or .*SKIP/,
    ],
    [
      'annotations that are no XML',
      () => zipOf({ 'images/a.png': first.png, 'annotations/a.xml': '<annotation>\n<object>' }),
      'annotations/a.xml',
      1,
      /^annotations\/a\.xml:1: is not well-formed XML.*: /,
    ],
    [
      'a class that nobody knows',
      () =>
        zipOf({
          'images/a.png': first.png,
          'annotations/a.xml': vocFile([{ label: 'newt', corners: [1, 1, 9, 9] }]),
        }),
      'annotations/a.xml',
      7,
      /^labels unknown to the workspace: "newt"; make them with createLabels, or .* ADD/,
    ],
  ])('%s', async (_, archive, file, line, problem) => {
    const before = await holdings()
    const found = await bring(archive(), { name: 'bad' })
    expect(found).toMatchObject({ state: 'REFUSED', version: null })
    expect(found.problem).toMatch(problem)
    expect(found.report?.problems).toMatchObject([
      { file, line, outcome: 'REFUSED', remedy: expect.stringMatching(/\w/) },
    ])
    expect(await holdings()).toEqual(before)
  })
})

describe('an import does what it is told with what is wrong', () => {
  test('SKIP leaves out bad boxes and bad images, keeps the rest and reports each', async () => {
    const archive = zipOf({
      'images/a.png': first.png,
      'annotations/a.xml': vocFile([
        { label: 'disc', corners: [7, 1, 7, 9] },
        { label: 'disc', corners: [1, 1, 9, 9] },
        { label: 'disc', corners: [1, 1, 9, 99] },
      ]),
      'images/none.png': 'I am no image',
      'annotations/lost.xml': inDisc([1, 1, 9, 9]),
    })
    const { state, version, report } = await bring(archive, { name: 'skipped', badItems: 'SKIP' })
    expect({ state, ...version }).toMatchObject({ state: 'SUCCEEDED', assetCount: 1, annotationCount: 1 })
    const told = report?.problems.map(({ file, line, outcome }) => `${file}:${line} ${outcome}`)
    expect(told?.toSorted()).toEqual([
      'annotations/a.xml:12 SKIPPED',
      'annotations/a.xml:29 SKIPPED',
      'annotations/lost.xml:null SKIPPED',
      'images/none.png:null SKIPPED',
    ])
  })

  test('an unknown class is offered, and added on request', async () => {
    const shapes = [{ label: 'axolotl', corners: [1, 1, 9, 9] }]
    const archive = zipOf({ 'images/a.png': first.png, 'annotations/a.xml': vocFile(shapes) })
    const refused = await bring(archive, { name: 'axolotls' })
    expect(refused).toMatchObject({ state: 'REFUSED', report: { unknownLabels: ['axolotl'] } })
    const added = await bring(archive, { name: 'axolotls', unknownLabels: 'ADD' })
    expect(added).toMatchObject({ state: 'SUCCEEDED', version: { labels: [{ label: 'axolotl' }] } })
  })

  test('an image without annotation is welcome', async () => {
    const { version } = await bring(zipOf({ 'images/a.png': first.png }), { name: 'bare' })
    expect(version).toMatchObject({ assetCount: 1, annotationCount: 0 })
  })

  test('two images of one name stay two assets; the same bytes under two names are one', async () => {
    const archive = zipOf({
      'left/images/1.png': first.png,
      'right/images/1.png': second.png,
      'right/images/again.png': second.png,
    })
    const { version, report } = await bring(archive, { name: 'names' })
    expect(version).toMatchObject({ assetCount: 2 })
    expect(report).toMatchObject({ duplicateCount: 1 })
  })
})

describe('a request that is refused has a code and says what is wrong', () => {
  test('a name that is taken', async () => {
    const dataset = bring(vocArchive([first]), { name: 'GOOD' })
    await expect(dataset).rejects.toMatchObject({
      message: expect.stringContaining('has a dataset "good" already'),
      extensions: { code: 'CONFLICT', field: 'name' },
    })
  })

  test('a wrong token, for queries, uploads, files and subscriptions', async () => {
    const stranger = new ApiClient(ymir.platform.gatewayUrl, 'ymir_session_wrong')
    await expect(stranger.ask('{ viewer { id } }')).rejects.toMatchObject({
      message: expect.stringContaining('sign in again'),
      extensions: { code: 'UNAUTHENTICATED' },
    })
    await expect(stranger.upload(Buffer.from('x'), 'x.zip')).rejects.toThrow('response code: 401')
    await expect(stranger.download(`/files/exports/${good.id}.voc.zip`)).rejects.toThrow('HTTP 401')
    expect(await closeCodeOf('ymir_session_wrong')).toBe(4403)
  })

  test('nobody at all', async () => {
    const nobody = new ApiClient(ymir.platform.gatewayUrl)
    const asking = nobody.ask(`query ($id: ID!) { project(id: $id) { name } }`, { id: projectId })
    await expect(asking).rejects.toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } })
  })

  test('a query 50 levels deep', async () => {
    const levels = Array.from({ length: 24 }, () => 'dataset { latestVersion {').join(' ')
    const query = `{ datasetVersion(id: "x") { ${levels} id ${'} }'.repeat(24)} } }`
    await expect(client.ask(query)).rejects.toMatchObject({
      message: 'the query is 50 levels deep; 20 are allowed',
      extensions: { code: 'QUERY_TOO_DEEP' },
    })
  })

  test('a field that is not there', async () => {
    await expect(client.ask('{ projecs { id } }')).rejects.toSatisfy(
      ({ code, message }: Refused) => code === 'GRAPHQL_VALIDATION_FAILED' && message.includes('projects'),
    )
  })
})

describe('a job that goes wrong ends with its cause, and so does its model', () => {
  interface Trained {
    readonly job: Job
    readonly model: { state: string; problem: string | null }
  }

  async function runImage(script: string, parameters: object = {}): Promise<Trained> {
    const image = await anExecutorImage(client, ymir.home, script)
    const { id, jobId } = await trainModel(client, {
      ...{ projectId, name: `trained by ${image.id}`, executorImageId: image.id, parameters },
      ...{ trainingVersionId: good.id, testVersionId: good.id },
    })
    const job = await waitUntil(
      `job ${jobId} to end`,
      async () => {
        const now = await readJob(client, jobId)
        return ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(now.state) && now
      },
      { timeoutMs: 30_000, everyMs: 100 },
    )
    return { job, model: await (job.state === 'FAILED' ? whenModelEnded : readModel)(client, id) }
  }

  test('a crash: its exit code and its last words', async () => {
    const { job, model } = await runImage('echo "Traceback: boom" >&2; exit 9')
    expect(job).toMatchObject({ state: 'FAILED', failure: { code: 'USER_CODE', exitCode: 9 } })
    expect(job.failure?.logTail).toContain('Traceback: boom')
    expect(model).toMatchObject({ state: 'FAILED', problem: expect.stringContaining('exit code 9') })
  })

  test('no result: the file that is missing', async () => {
    const { job, model } = await runImage('echo "all is well"')
    expect(job.failure).toMatchObject({
      code: 'CONTRACT_VIOLATION',
      message: expect.stringContaining('/out/models/result.yaml'),
    })
    expect(model).toMatchObject({
      state: 'FAILED',
      problem: expect.stringContaining('/out/models/result.yaml'),
    })
  })

  test('never an end: the time limit, and how to get a longer one', async () => {
    const { job, model } = await runImage(`trap '' TERM; while :; do sleep 0.1; done`, {
      time_limit_seconds: 1,
    })
    expect(job.failure).toMatchObject({
      code: 'TIMEOUT',
      advice: expect.stringContaining('time_limit_seconds'),
    })
    expect(model.state).toBe('FAILED')
  })

  test('garbage in monitor.txt disturbs nothing', async () => {
    const garbage = String.raw`printf '\000\377 half of nothi' > "$OUT/monitor.txt"; sleep 0.5`
    const { job } = await runImage(`${garbage}\n${leaveAModel}`)
    expect(job).toMatchObject({ state: 'SUCCEEDED', failure: null })
  })

  test('their slots are free again', async () => {
    await waitUntil('all slots to be free', async () => {
      const { slots } = await client.ask<{ slots: { busy: boolean }[] }>('{ slots { busy } }')
      return slots.every(({ busy }) => !busy)
    })
  })
})

/** 8,192 names for the same packed megabyte (Fifield 2019). */
function aBomb(): Buffer {
  const name = (index: number) => `images/${String(index).padStart(5, '0')}.png`
  const zip = zipOf({ [name(0)]: Buffer.alloc(1024 * 1024) })
  const end = Buffer.from(zip.subarray(-22))
  const directory = zip.subarray(end.readUInt32LE(16), -22)
  const entries = Array.from({ length: 8_192 }, (_, index) => {
    const entry = Buffer.from(directory)
    entry.write(name(index), 46)
    return entry
  })
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length * entries.length, 12)
  return Buffer.concat([zip.subarray(0, end.readUInt32LE(16)), ...entries, end])
}

/** How the gateway closes the connection of a token that it does not know. */
function closeCodeOf(token: string): Promise<number> {
  return new Promise((resolve) => {
    const sockets = createClient({
      url: `${ymir.platform.gatewayUrl.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
      lazy: false,
      onNonLazyError: () => {},
      on: { closed: (event) => resolve((event as { code: number }).code) }, // a CloseEvent
    })
    void sockets
  })
}
