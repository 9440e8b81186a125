import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { anImage, aVocFile, zipOf } from '@ymir/dataset/testing'

/** Real JPEGs of 64 x 48 pixels that differ in a comment: making 100,000 with an encoder would take longer than the bench. */
async function* files(count: number, first: number) {
  const plain = await anImage()
  for (let index = first; index < first + count; index++) {
    const text = Buffer.from(`image ${index}`)
    const comment = Buffer.from([0xff, 0xfe, 0, text.length + 2])
    yield {
      name: `images/${index}.jpg`,
      bytes: Buffer.concat([plain.subarray(0, 2), comment, text, plain.subarray(2)]),
    }
    const boxes = [0, 1, 2].map((box) => ({ corners: [1 + box, 1 + (index % 9), 20 + box, 40] }))
    yield { name: `annotations/${index}.xml`, bytes: Buffer.from(aVocFile(boxes)) }
  }
}

/** A zip of Pascal VOC images, three boxes in each; another `first` makes other images. */
export async function anArchiveFile(folder: string, count: number, first: number): Promise<string> {
  const path = join(folder, `${count}-${first}.zip`)
  const file = await open(path, 'w')
  for await (const bytes of zipOf(files(count, first))) await file.write(bytes)
  await file.close()
  return path
}
