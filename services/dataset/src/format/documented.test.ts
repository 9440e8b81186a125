import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOf, readFiles } from '../testing/format.ts'
import { cocoReader } from './coco/coco-reader.ts'
import { labelStudioReader } from './label-studio/label-studio-reader.ts'
import { readVoc } from './voc/read-voc.ts'
import { ymirReader } from './ymir/ymir-reader.ts'
import { yoloReader } from './yolo/yolo-reader.ts'

const page = await readFile(join(import.meta.dirname, '../../../../docs/datasets.md'), 'utf8')
const size = { width: 640, height: 480 }
const box = { x: 10, y: 20, width: 100, height: 50 }

/** The files that a chapter shows: code blocks with a name. */
function filesIn(chapter: string): Record<string, string> {
  const text = page.split(`### ${chapter}\n`)[1]!.split('\n### ')[0]!
  return Object.fromEntries(
    [...text.matchAll(/^```\w+ (\S+)\n([^]*?)^```$/gm)].map(([, name, content]) => [name!, content!]),
  )
}

test.each([
  ['COCO', cocoReader, 'images/a.jpg'],
  ['YOLO', yoloReader, 'images/train/a.jpg'],
  ['The published system', ymirReader, 'images/a.jpg'],
  ['Label Studio', labelStudioReader, 'images/a.jpg'],
])('the example of %s is recognised and read', async (chapter, reader, image) => {
  const files = filesOf({ [image]: null, ...filesIn(chapter) })
  expect(await reader.recognise(files)).toBeTypeOf('string')
  const { images, problems } = await readFiles(reader, files, size)
  expect(problems).toEqual([])
  expect(images.get(image)!.groundTruth.map(({ annotation }) => [annotation.label, annotation.box])).toEqual([
    ['cell', box],
  ])
})

test('the example of Pascal VOC is read', () => {
  const [text] = Object.values(filesIn('Pascal VOC'))
  const { objects, problems, tags, metadata } = readVoc(Buffer.from(text!), 'a.xml', size)
  expect(problems).toEqual([])
  expect([tags, metadata]).toEqual([['blurred'], { camera: '3' }])
  expect(objects[0]!.annotation).toMatchObject({
    ...{ box, difficult: true, attributes: { stage: 'late' } },
    polygons: [[10, 20, 110, 20, 60, 70]],
  })
})
