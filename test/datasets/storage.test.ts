import { execFile, execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import S3rver from 's3rver'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject } from '../testing/dataset.ts'
import { anExecutorImage, findADisc, leaveAModel } from '../testing/executor-image.ts'
import { trainModel, whenModelEnded } from '../testing/loop.ts'
import { aPlatform, signUp, type TestPlatform } from '../testing/platform.ts'
import { pictures, vocArchive } from '../testing/shapes.ts'

let bucket: S3rver
let folder: string
let endpoint: string
let blobs: string
let ymir: TestPlatform
let project: DatasetProject
const key = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' } // what s3rver accepts

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ymir-bucket-'))
  const configureBuckets = [{ name: 'bricks', configs: [] }]
  bucket = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory: folder, configureBuckets })
  const { port } = await bucket.run()
  endpoint = `http://127.0.0.1:${port}`
  blobs = `s3://bricks/ymir?endpoint=${endpoint}&cache=${join(folder, 'cache')}&presign=true`
  ymir = await aPlatform({ ...process.env, ...key, YMIR_BLOBS: blobs })
  project = await aDatasetProject(ymir.client, 'in a bucket', ['disc', 'square'])
}, 120_000)
afterAll(async () => {
  await ymir?.stop()
  await bucket.close()
  rmSync(folder, { recursive: true })
}, 60_000)

const objectOf = (sha256: string) =>
  join(folder, 'bricks/ymir', sha256.slice(0, 2), `${sha256}._S3rver_object`)

interface Assets {
  readonly assets: { readonly edges: { readonly node: { id: string; url: string; thumbnailUrl: string } }[] }
}

async function assetsOf(versionId: string) {
  const { assets } = await project.of<Assets>(versionId, 'assets { edges { node { id url thumbnailUrl } } }')
  return assets.edges.map(({ node }) => node)
}

test('with its blobs in a bucket the platform imports, shows, exports and trains', async () => {
  const shown = await pictures(3, 40)
  const version = await project.versionOf(vocArchive(shown))
  const assets = await assetsOf(version.id)
  for (const { id, url, thumbnailUrl } of assets) {
    // an object is named by the hash of its bytes
    expect(
      createHash('sha256')
        .update(readFileSync(objectOf(id)))
        .digest('hex'),
    ).toBe(id)
    const direct = await fetch(new URL(url, ymir.client.gatewayUrl), { redirect: 'manual' })
    expect(direct.status).toBe(401) // no address of the bucket for strangers
    const bytes = await ymir.client.download(url)
    expect(shown.some(({ png }) => png.equals(bytes))).toBe(true)
    expect((await ymir.client.download(thumbnailUrl)).length).toBeGreaterThan(0)
  }
  expect(await readdir(join(ymir.home, 'blobs')).catch(() => [])).toEqual([])
  const sent = await ymir.client.get(assets[0]!.url)
  const place = new URL(sent.url)
  expect([sent.redirected, place.host, place.searchParams.get('X-Amz-Expires')]).toEqual([
    ...[true, new URL(endpoint).host, '300'],
  ])
  const { url } = await project.mutate<{ url: string }>('exportVersion', { versionId: version.id }, 'url')
  expect((await project.versionOf(await ymir.client.download(url))).root).toBe(version.root)

  // the contract names places in the container: /in is $IN
  const readAll = `set -e
if grep -q 'run_training: true' "$IN/env.yaml"; then
  while IFS=$'\\t' read -r image annotations; do test -s "$IN\${image#/in}"; test -s "$IN\${annotations#/in}"; done < "$IN/train-index.tsv"
  ${leaveAModel}
else
  while read -r image; do test -s "$IN\${image#/in}"; done < "$IN/candidate-index.tsv"
  ${findADisc}
fi`
  const templates = ['training-template.yaml', 'infer-template.yaml']
  const image = await anExecutorImage(ymir.client, ymir.home, readAll, templates)
  const { id } = await trainModel(ymir.client, {
    ...{ projectId: project.id, name: 'from a bucket', executorImageId: image.id },
    ...{ trainingVersionId: version.id, testVersionId: version.id },
  })
  const model = await whenModelEnded(ymir.client, id)
  expect([model.state, model.problem]).toEqual(['READY', null]) // both jobs got all images
}, 60_000)

test('a large image goes into the bucket in parts and comes back whole', async () => {
  const noise = { width: 2_400, height: 2_400, channels: 3 } as const
  const image = await sharp(randomBytes(noise.width * noise.height * noise.channels), { raw: noise })
    .png({ compressionLevel: 0 })
    .toBuffer()
  const inParts: string[] = []
  bucket.on('event', ({ Records: [{ eventName, s3 }] }) => {
    if (eventName === 'ObjectCreated:Post') inParts.push(s3.object.key)
  })
  const files = mkdtempSync(join(folder, 'large-'))
  writeFileSync(join(files, 'large.png'), image)
  execFileSync('tar', ['-cf', join(files, 'set.tar'), '-C', files, 'large.png'])
  const version = await project.versionOf(readFileSync(join(files, 'set.tar')))
  const [asset] = await assetsOf(version.id)
  expect(inParts).toEqual([expect.stringContaining(asset!.id)])
  expect((await ymir.client.download(asset!.url)).equals(image)).toBe(true)
}, 60_000)

/** Runs `ymir.sh doctor --verify` beside the running platform. */
function verify(): Promise<{ code: number; output: string }> {
  const script = fileURLToPath(new URL('../../ymir.sh', import.meta.url))
  const env = { ...process.env, ...key, YMIR_HOME: ymir.home, YMIR_BLOBS: blobs }
  return new Promise((resolve) => {
    execFile('bash', [script, 'doctor', '--verify'], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    )
  })
}

test('the doctor finds a damaged and a missing image, and the same import makes both whole again', async () => {
  const archive = vocArchive(await pictures(2, 41))
  const version = await project.versionOf(archive)
  const [damaged, missing] = (await assetsOf(version.id)).map(({ id }) => id)
  const sound = await verify()
  expect([sound.code, sound.output]).toEqual([0, expect.stringContaining('0 damaged, 0 missing') as string])

  writeFileSync(objectOf(damaged!), 'other bytes')
  rmSync(objectOf(missing!))
  rmSync(objectOf(missing!).replace('_object', '_metadata.json'), { force: true })
  const found = await verify()
  expect(found.code).toBe(1)
  expect(found.output).toContain(`damaged ${damaged}`)
  expect(found.output).toContain(`missing ${missing}`)

  rmSync(objectOf(damaged!)) // as the doctor advises
  rmSync(objectOf(damaged!).replace('_object', '_metadata.json'), { force: true })
  await project.versionOf(archive)
  expect(await verify()).toMatchObject({ code: 0 })
}, 60_000)

/** Lets two days pass for what is marked, and for the objects of the bucket. */
async function daysPass(hashes: readonly string[]): Promise<void> {
  const database = new pg.Client({ connectionString: ymir.platform.databaseUrl })
  await database.connect()
  await database.query(`update dataset.unreachable_blobs set since = since - interval '48 hours'`)
  await database.end()
  const then = new Date(Date.now() - 48 * 3_600_000)
  for (const hash of hashes) await utimes(objectOf(hash), then, then)
}

test('a deleted dataset frees its bytes after the grace, and no sooner', async () => {
  const version = await project.versionOf(vocArchive(await pictures(4, 42)))
  const kept = await project.versionOf(vocArchive((await pictures(4, 42)).slice(0, 1)))
  const hashes = (await assetsOf(version.id)).map(({ id }) => id)
  const [keptHash] = (await assetsOf(kept.id)).map(({ id }) => id)
  const sample = await project.made('sampleVersion', { versionId: version.id, count: 1 })
  const remove = (datasetId: string) => project.mutate('deleteDataset', { id: datasetId }, 'id')
  await expect(remove(version.dataset.id)).rejects.toMatchObject({ extensions: { code: 'CONFLICT' } })
  await remove(sample.dataset.id)
  await remove(version.dataset.id)

  const fields = 'unreachable { count } removed { count } kept { count } blobs { sha256 }'
  const collect = (dryRun: boolean, graceHours = 24) =>
    project.mutate<{ removed: { count: number }; blobs: { sha256: string }[] }>(
      'collectGarbage',
      { dryRun, graceHours },
      fields,
    )
  const grace = await signUp(ymir.client, 'grace@ymir.example')
  const input = { dryRun: true, graceHours: 24 }
  await expect(project.by(grace).mutate('collectGarbage', input, fields)).rejects.toMatchObject({
    extensions: { code: 'FORBIDDEN' },
  })
  await expect(collect(true, 0)).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })

  const gone = hashes.filter((hash) => hash !== keptHash)
  expect(await collect(false)).toMatchObject({ unreachable: { count: 3 }, removed: { count: 0 } })
  await daysPass(gone)
  const preview = await collect(true)
  expect(preview).toMatchObject({ removed: { count: 3 }, kept: { count: 0 } })
  expect(preview.blobs.map(({ sha256 }) => sha256).sort()).toEqual(gone.toSorted())
  expect(gone.every((hash) => existsSync(objectOf(hash)))).toBe(true) // it was only asked
  expect(await collect(false)).toMatchObject({ removed: { count: 3 } })
  expect(gone.some((hash) => existsSync(objectOf(hash)))).toBe(false)
  expect(existsSync(objectOf(keptHash!))).toBe(true)
})
