import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { objectTypeFolders, templateFiles, type ImageFiles } from '../image/image.ts'
import type { Inspection } from './driver.ts'
import { JobProblem } from '../job/failure.ts'

/** Where an image may have files about itself, within /img-man. */
export const imageFileNames: readonly string[] = [
  '',
  ...Object.values(objectTypeFolders).map((folder) => `${folder}/`),
]
  .flatMap((folder) => Object.values(templateFiles).map((name) => folder + name))
  .concat('manifest.yaml')

/** Reads an img-man folder of this machine. */
async function readImageFolder(folder: string): Promise<ImageFiles> {
  const files = new Map<string, string>()
  for (const name of imageFileNames) {
    const text = await readFile(join(folder, name), 'utf8').catch(ignoreMissing)
    if (text !== undefined) files.set(name, text)
  }
  return files
}

/** What an image that is a folder says about itself; it has no digest. @throws JobProblem IMAGE_MISSING */
export async function inspectImageFolder(folder: string): Promise<Inspection> {
  await requireStartScript(folder)
  const script = { path: 'start.sh', present: true }
  return {
    files: await readImageFolder(join(folder, 'img-man')),
    digest: null,
    start: { command: ['bash', script.path], script },
  }
}

/** @throws JobProblem IMAGE_MISSING */
export async function requireStartScript(folder: string): Promise<void> {
  const script = join(folder, 'start.sh')
  const found = await stat(script).catch(() => undefined)
  if (!found?.isFile()) throw new JobProblem('IMAGE_MISSING', `the image's folder has no start.sh: ${script}`)
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
