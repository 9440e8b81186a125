import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { UserCaller } from '@ymir/graphql'
import { isPublicAddress } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anArchive, anArchiveOf, anImage, aVocFile } from '../testing/archive.ts'
import { aUser, startTestService, type TestService } from '../testing/service.ts'

let folder: string
let roots: string
let service: TestService
let projectId: string
let owner: UserCaller

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'ymir-sources-')))
  roots = join(folder, 'roots')
  await mkdir(roots)
  service = await startTestService({ imports: { roots: [roots], allowPrivateUrls: true } })
  ;({ projectId, owner } = await service.aProject())
})
afterAll(async () => {
  await service.stop()
  await rm(folder, { recursive: true })
})

async function aFolder(name: string, files: Record<string, string | Buffer>): Promise<string> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(roots, name, file)), { recursive: true })
    await writeFile(join(roots, name, file), content)
  }
  return join(roots, name)
}

const oneImage = async (tone: number) => ({
  'images/1.jpg': await anImage({ tone }),
  'annotations/1.xml': aVocFile([{ corners: [1, 1, 9, 9] }]),
})

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // listens on a port
  const close = () => new Promise((closed) => void server.close(closed))
  return { url: `http://127.0.0.1:${port}`, close: () => (server.closeAllConnections(), close()) }
}

const codeOf = async (input: object, caller = owner) =>
  (await service.ask(importMutation, { input: { projectId, name: 'x', ...input } }, caller)).errors?.[0]
    ?.extensions.code
const importMutation = `mutation ($input: ImportDatasetInput!) { importDataset(input: $input) { import { id } } }`

test('who is signed in is told from which folders of the server may be imported', async () => {
  expect((await service.ask('{ importRoots }', {}, owner)).data).toEqual({ importRoots: [roots] })
})

test('exactly one source is wanted', async () => {
  expect(await codeOf({})).toBe('BAD_USER_INPUT')
  expect(await codeOf({ url: 'http://a.example/', path: '/tmp' })).toBe('BAD_USER_INPUT')
})

describe('a folder of the server', () => {
  test('is imported like an archive of it, and an archive in it too', async () => {
    const files = await oneImage(1)
    const fromFolder = await service.importFrom({ projectId, path: await aFolder('set', files) }, owner)
    await writeFile(join(roots, 'set.zip'), anArchive(files))
    const fromZip = await service.importFrom({ projectId, path: join(roots, 'set.zip') }, owner)
    expect(fromFolder).toMatchObject({ state: 'SUCCEEDED', version: { assetCount: 1, annotationCount: 1 } })
    expect(fromZip.version.root).toBe(fromFolder.version.root)
  })

  test('outside the roots is refused, also through a link or by a name that is not there', async () => {
    await mkdir(join(folder, 'secret'), { recursive: true })
    await symlink(join(folder, 'secret'), join(roots, 'way-out'))
    for (const path of ['secret', 'roots/../secret', 'roots/way-out', 'roots/missing', 'roots2'])
      expect(await codeOf({ path: `${folder}/${path}` }), path).toBe('BAD_USER_INPUT')
    expect(await codeOf({ path: 'roots' })).toBe('BAD_USER_INPUT')
  })

  test('with a link in it is refused', async () => {
    const path = await aFolder('linked', await oneImage(2))
    await symlink('/etc/passwd', join(path, 'images/2.jpg'))
    const { state, problem } = await service.importFrom({ projectId, path }, owner)
    expect([state, problem]).toEqual(['REFUSED', expect.stringContaining('images/2.jpg: is a symbolic link')])
  })
})

describe('a URL', () => {
  test('is fetched, over redirects, and imported', async () => {
    const archive = await anArchiveOf(2, { tone: 9 })
    const server = await serve((request, response) => {
      if (request.url === '/data.zip') response.end(archive)
      else response.writeHead(302, { location: '/data.zip' }).end()
    })
    const found = await service.importFrom({ projectId, url: `${server.url}/start` }, owner)
    expect(found).toMatchObject({ state: 'SUCCEEDED', version: { assetCount: 2 } })
    await server.close()
  })

  test.each<[string, RequestListener, string]>([
    ['answers with an error', (_, response) => response.writeHead(404).end(), 'answered with status 404'],
    [
      'redirects without end',
      (_, response) => response.writeHead(302, { location: '/again' }).end(),
      'redirects more than 5 times',
    ],
    [
      'redirects to a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'which is not an http or https address',
    ],
    [
      'claims to be too large',
      (_, response) => response.writeHead(200, { 'content-length': String(1024 ** 4) }).write('x'),
      'is larger than the',
    ],
    [
      'breaks off',
      (_, response) => (response.write('x'), setTimeout(() => response.destroy(), 50)),
      'cannot be fetched',
    ],
  ])('that %s is refused with the reason', async (_, listener, problem) => {
    const server = await serve(listener)
    const found = await service.importFrom({ projectId, url: server.url }, owner)
    expect([found.state, found.problem]).toEqual(['REFUSED', expect.stringContaining(problem)])
    await server.close()
  })

  test.each(['ftp://a.example/x.zip', 'file:///etc/passwd', 'http://user:secret@a.example/', 'no address'])(
    '%s is refused at once',
    async (url) => expect(await codeOf({ url })).toBe('BAD_USER_INPUT'),
  )
})

describe('addresses of our own network', () => {
  test('are refused unless they are allowed: written out and by name', async () => {
    const strict = await startTestService()
    const server = await serve((_, response) => response.end('secret'))
    const { port } = new URL(server.url)
    const project = await strict.aProject()
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '2130706433', '0x7f.1']) {
      const url = `http://${host}:${port}/`
      const { state, problem } = await strict.importFrom({ projectId: project.projectId, url }, project.owner)
      expect([host, state, problem]).toEqual([
        host,
        'REFUSED',
        expect.stringContaining('which is not an address of the public Internet'),
      ])
    }
    await server.close()
    await strict.stop()
  })

  test.each([
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.1.1.1', '169.254.169.254', '172.31.0.1', '192.168.1.1'],
    ...['224.0.0.1', '255.255.255.255', '198.18.0.1', '::', '::1', 'fe80::1', 'fc00::1', 'ff02::1'],
    ...['::ffff:8.8.8.8', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001:0:1::', 'localhost', ''],
  ])('%s is none of the Internet', (address) => expect(isPublicAddress(address)).toBe(false))

  test.each(['8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is one of the Internet',
    (address) => expect(isPublicAddress(address)).toBe(true),
  )
})

describe('another version', () => {
  test('is copied with its root, by whoever may read it', async () => {
    const { version } = await service.importArchive(await anArchiveOf(2, { tone: 20 }), { projectId }, owner)
    const mine = await service.aProject()
    const both = { ...mine.owner, memberships: { ...mine.owner.memberships, [projectId]: 'VIEWER' as const } }
    const copy = await service.importFrom({ projectId: mine.projectId, versionId: version.id }, both)
    expect(copy).toMatchObject({ state: 'SUCCEEDED', version: { root: version.root, assetCount: 2 } })
    expect(await codeOf({ projectId: mine.projectId, versionId: version.id }, mine.owner)).toBe('FORBIDDEN')
  })
})

describe('an inspection', () => {
  const inspectMutation = `mutation ($input: InspectImportInput!) { inspectImport(input: $input) { inspection {
    format why imageCount annotationFileCount inspectedCount annotationCount knownLabels unknownLabels sampleNames
    problems { file line problem remedy }
  } } }`
  const inspect = async (input: object, caller = owner) =>
    service.ask(inspectMutation, { input: { projectId, ...input } }, caller)

  test('tells the format, labels, problems and names, and imports nothing', async () => {
    const files = {
      'images/1.jpg': await anImage({ tone: 3 }),
      'annotations/1.xml': aVocFile([
        { name: 'CELL', corners: [1, 1, 9, 9] },
        { name: 'newt', corners: [1, 1, 9, 9] },
        { corners: [7, 1, 7, 9] },
      ]),
      'images/2.jpg': 'no image',
    }
    const { data } = await inspect({ uploadId: await service.upload(anArchive(files), owner.userId) })
    expect(data.inspectImport.inspection).toMatchObject({
      ...{ format: 'VOC', imageCount: 2, annotationFileCount: 1, inspectedCount: 2, annotationCount: 2 },
      ...{ knownLabels: ['CELL'], unknownLabels: ['newt'] },
      why: '1 XML files, the first is annotations/1.xml',
      sampleNames: ['images/1.jpg', 'annotations/1.xml', 'images/2.jpg'],
      problems: [
        { file: 'annotations/1.xml', line: 28 },
        { file: 'images/2.jpg', problem: 'is not an image' },
      ],
    })
  })

  test('takes the format that is asked for, as the import does', async () => {
    const path = await aFolder('chosen', await oneImage(5))
    const { data } = await inspect({ path, format: 'IMAGES' })
    expect(data.inspectImport.inspection).toMatchObject({ format: 'IMAGES', annotationCount: 0 })
    const found = await service.importFrom({ projectId, path, format: 'IMAGES' }, owner)
    expect(found).toMatchObject({ version: { annotationCount: 0 }, report: { format: 'IMAGES' } })
  })

  test('of what is no archive says why; a stranger is told nothing', async () => {
    const uploadId = await service.upload(Buffer.from('hello'), owner.userId)
    const { errors } = await inspect({ uploadId })
    expect(errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_ARCHIVE', problem: 'is not a zip archive' },
    })
    expect((await inspect({ path: roots }, aUser())).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })
})

describe('the report', () => {
  test('can be downloaded whole by members, and runs no formula', async () => {
    const files: Record<string, string | Buffer> = { 'images/good.jpg': await anImage({ tone: 6 }) }
    for (let index = 0; index < 1_200; index++) files[`images/=cmd|${index}.jpg`] = `no "image"`
    const path = join(roots, 'bad.zip')
    await writeFile(path, anArchive({ ...files, '=cmd.png': 'x' }))
    const found = await service.importFrom({ projectId, path, badItems: 'SKIP' }, owner)
    expect(found).toMatchObject({ state: 'SUCCEEDED', report: { problemCount: 1_201 } })
    const json = await service.get(found.reportUrl, owner)
    const report = (await json.json()) as { state: string; problems: object[] }
    expect([report.state, report.problems.length]).toEqual(['SUCCEEDED', 1_201])
    const csv = await (await service.get(found.reportUrl.replace('.json', '.csv'), owner)).text()
    expect(csv.split('\r\n')).toHaveLength(1_203)
    expect(csv).toContain("'=cmd.png,,,,is not an image")
    expect((await service.get(found.reportUrl, aUser())).status).toBe(403)
    expect((await service.get(found.reportUrl.replace('report', 'other'), owner)).status).toBe(404)
  })
})
