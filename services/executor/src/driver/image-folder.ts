import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { objectTypeFolders, templateFiles, type ImageFiles } from '../image/image.ts'

/** Where an image may have files about itself, within /img-man. */
export const imageFileNames: readonly string[] = [
  '',
  ...Object.values(objectTypeFolders).map((folder) => `${folder}/`),
]
  .flatMap((folder) => Object.values(templateFiles).map((name) => folder + name))
  .concat('manifest.yaml')

/** Reads an img-man folder of this machine. */
export async function readImageFolder(folder: string): Promise<ImageFiles> {
  const files = new Map<string, string>()
  for (const name of imageFileNames) {
    const text = await readFile(join(folder, name), 'utf8').catch(ignoreMissing)
    if (text !== undefined) files.set(name, text)
  }
  return files
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}
