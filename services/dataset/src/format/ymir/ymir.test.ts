import fc from 'fast-check'
import { expect, test } from 'vitest'
import { annotationSets, filesOf, readFiles, writtenAndRead } from '../../testing/format.ts'
import { ymirReader } from './ymir-reader.ts'
import { ymirWriter } from './ymir-writer.ts'

const size = { width: 64, height: 48 }

const anObject = (extra = '') =>
  `<object><name>cell</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>20</xmax><ymax>30</ymax></bndbox>${extra}</object>`
const aFile = (...inside: string[]) => `<annotation>${inside.join('')}</annotation>`

test('what is written comes back, whatever the annotations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(annotationSets, { maxLength: 3 }), async (sets) => {
      const { before, after, problems } = await writtenAndRead(ymirWriter, ymirReader, sets)
      expect(problems).toEqual([])
      expect(after).toEqual(before)
    }),
    { numRuns: 100 },
  )
})

test('ground truth and predictions stay apart, and keys of the image are metadata', async () => {
  const files = filesOf({
    'set/images/a.jpg': null,
    'set/images/b.jpg': null,
    'set/gt/a.xml': aFile(
      '<cks><camera>3</camera></cks>',
      anObject('<confidence>0.9</confidence><tags><pose>left</pose></tags>'),
    ),
    'set/gt/meta.yaml': 'x: 1',
    'set/pred/a.xml': aFile(anObject('<confidence>0.25</confidence>'), anObject()),
    'set/pred/meta.yaml': 'eval_class_names: [cell]',
  })
  expect(await ymirReader.recognise(files)).toBe('set/gt/a.xml lies beside set/images/a.jpg')
  const { images, problems } = await readFiles(ymirReader, files, size)
  expect(problems).toEqual([])
  const { groundTruth, predictions, metadata } = images.get('set/images/a.jpg')!
  expect(metadata).toEqual({ camera: '3' })
  expect(groundTruth).toEqual([
    {
      ...{ file: 'set/gt/a.xml', line: 1, field: 'object/name' },
      annotation: {
        ...{ label: 'cell', box: { x: 1, y: 2, width: 20, height: 29 }, attributes: { pose: 'left' } },
        ...{ difficult: false, truncated: false, crowd: false },
      },
    },
  ])
  expect(predictions.map(({ score }) => score)).toEqual([0.25, undefined])
  expect(images.get('set/images/b.jpg')).toMatchObject({ groundTruth: [], predictions: [] })
})

test('an annotation without image, and images that share one, are told', async () => {
  const files = filesOf({
    'images/a.jpg': null,
    'images/a.png': null,
    'gt/a.xml': aFile(),
    'pred/lost.xml': aFile(),
  })
  const { images, problems } = await readFiles(ymirReader, files, size)
  expect([...images.keys()]).toEqual(['images/a.jpg'])
  expect([...problems].sort()).toEqual([
    'images/a.png: has the same name as images/a.jpg but for its extension: an annotation could mean either: rename one of them',
    'pred/lost.xml: has no image of the same name: add the image, or remove the annotation',
  ])
})

test('a broken file leaves its image out', async () => {
  const { images, problems } = await readFiles(
    ymirReader,
    filesOf({ 'images/a.jpg': null, 'gt/a.xml': '<annotation>' }),
    size,
  )
  expect(images.size).toBe(0)
  expect(problems[0]).toContain('gt/a.xml:1: is not well-formed XML')
})

test('Pascal VOC is not taken for it', async () => {
  expect(
    await ymirReader.recognise(filesOf({ 'images/a.jpg': null, 'annotations/a.xml': '' })),
  ).toBeUndefined()
})
