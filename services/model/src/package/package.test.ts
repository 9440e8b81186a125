import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { packModel } from './package.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ymir-package-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function aModelWithStage() {
  const blobs = await openBlobs(join(folder, 'blobs'))
  const bytes = Buffer.alloc(300_000, 'weights ')
  const file = await blobs.put(bytes)
  const model = {
    id: 'm',
    name: 'bricks',
    classes: ['brick', 'plate'],
    parameters: { steps: 10 },
    bestStageId: 's',
    map50: 0.9,
    createdAt: new Date(1e12),
    finishedAt: new Date(1e12),
  } as unknown as ModelRow // what a package reads of it
  const stage = {
    id: 's',
    name: 'step_10',
    reportedMap: 0.8,
    metrics: { mAP: 0.8 },
    files: [{ name: 'model.onnx', ...file }],
    savedAt: new Date(1e12),
  } as unknown as ModelStageRow
  return { blobs, bytes, model, stage }
}

test('a package holds ymir-info.yaml and the files of each stage, and is the same each time', async () => {
  const { blobs, bytes, model, stage } = await aModelWithStage()
  const packed = () => packModel(model, [stage], 'onnx-detector', blobs).toArray().then(Buffer.concat)

  const archive = await packed()
  await writeFile(join(folder, 'model.tar.gz'), archive)
  execFileSync('tar', ['xzf', 'model.tar.gz'], { cwd: folder })

  expect(await packed()).toEqual(archive)
  expect(await readFile(join(folder, 'step_10', 'model.onnx'))).toEqual(bytes)
  expect(parse(await readFile(join(folder, 'ymir-info.yaml'), 'utf8'))).toMatchObject({
    package_version: '2.0.0',
    executor_config: { class_names: ['brick', 'plate'] },
    best_stage_name: 'step_10',
    stages: { step_10: { files: ['model.onnx'], mAP: 0.8 } },
    task_context: { executor: 'onnx-detector', mAP: 0.9 },
  })
})

test('a file that is lost ends the download with an error instead of a short archive', async () => {
  const { blobs, model, stage } = await aModelWithStage()
  const lost = { ...stage, files: [{ name: 'gone.onnx', sha256: 'f'.repeat(64), size: 10 }] }

  await expect(packModel(model, [lost], 'onnx-detector', blobs).toArray()).rejects.toThrow()
})
