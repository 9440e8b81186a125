import { cp, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleImage } from './platform.ts'

/** A folder with an image of a test's own: says about itself what the sample image says, and runs this. */
export async function anImage(script: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ymir-image-'))
  await cp(join(sampleImage, 'img-man'), join(folder, 'img-man'), { recursive: true })
  await writeFile(join(folder, 'start.sh'), script)
  return folder
}
