import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotationSets, filesOf, readFiles, writtenAndRead } from '../../testing/format.ts'
import { cocoReader } from './coco-reader.ts'
import { cocoWriter } from './coco-writer.ts'

const size = { width: 64, height: 48 }

interface Coco {
  images?: unknown[]
  annotations?: unknown[]
  categories?: unknown[]
}

const aCoco = ({
  images = [{ id: 70, file_name: 'a.jpg', width: 64, height: 48 }],
  annotations = [],
  categories = [{ id: 9, name: 'cell' }],
}: Coco = {}) => JSON.stringify({ info: {}, annotations, images, categories })

const anAnnotation = (changes: object = {}) => ({
  ...{ id: 1, image_id: 70, category_id: 9, bbox: [1.5, 2, 10, 20], iscrowd: 0 },
  ...changes,
})

const read = (coco: string, images = ['images/a.jpg']) =>
  readFiles(
    cocoReader,
    filesOf({ ...Object.fromEntries(images.map((name) => [name, null])), 'instances.json': coco }),
    size,
  )
const annotationOf = async (changes: object) => {
  const { images, problems } = await read(aCoco({ annotations: [anAnnotation(changes)] }))
  expect(problems).toEqual([])
  return images.get('images/a.jpg')!.groundTruth[0]!.annotation
}
const problemOf = async (changes: object) => {
  const { problems } = await read(aCoco({ annotations: [anAnnotation(changes)] }))
  return problems.join('\n')
}

test('a key of the user is kept whatever it is called', async () => {
  const { images, problems } = await read(
    `{"images": [{"id": 1, "file_name": "a.jpg", "metadata": {"__proto__": "1", "constructor": "2"}}],
      "categories": [], "annotations": []}`,
  )
  expect(problems).toEqual([])
  expect(Object.entries(images.get('images/a.jpg')?.metadata ?? {})).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ])
})

test('what is written comes back, whatever the annotations', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(annotationSets, { maxLength: 3 }), async (sets) => {
      const { before, after, problems } = await writtenAndRead(cocoWriter, cocoReader, sets)
      expect(problems).toEqual([])
      expect(after).toEqual(before)
    }),
    { numRuns: 100 },
  )
})

describe('an annotation', () => {
  test('has its box in pixels and fractions of them', async () => {
    expect(await annotationOf({})).toEqual({
      ...{ label: 'cell', box: { x: 1.5, y: 2, width: 10, height: 20 } },
      ...{ difficult: false, truncated: false, crowd: false },
    })
  })

  test('that is turned may reach beyond its image, but not with its middle', async () => {
    const { box } = await annotationOf({ bbox: [-3, -4, 16, 20], rotation: 0.5 })
    expect(box).toEqual({ x: -3, y: -4, width: 16, height: 20 })
    expect(await problemOf({ bbox: [-13, -4, 16, 20], rotation: 0.5 })).toContain(
      'bbox [-13,-4,16,20] is turned and has its middle outside the image',
    )
  })

  test('with polygons and no box has the box around them', async () => {
    const segmentation = [
      [10, 10, 20, 10, 20, 30],
      [5, 20, 8, 20, 8, 25],
    ]
    const { box, polygons } = await annotationOf({ bbox: undefined, segmentation })
    expect(box).toEqual({ x: 5, y: 10, width: 15, height: 20 })
    expect(polygons).toEqual(segmentation)
  })

  // columns of 48 pixels: two of background, then 3 pixels, then the rest
  const runs = [96 + 5, 3, 64 * 48 - 96 - 8]
  test('with run lengths as numbers has them as text, and the box around them', async () => {
    const { box, mask } = await annotationOf({
      bbox: undefined,
      iscrowd: 1,
      segmentation: { size: [48, 64], counts: runs },
    })
    expect(box).toEqual({ x: 2, y: 5, width: 1, height: 3 })
    const again = await annotationOf({ bbox: undefined, segmentation: mask })
    expect(again.mask).toEqual(mask)
    expect(again.box).toEqual(box)
  })

  test('with a score is a prediction', async () => {
    const { images } = await read(aCoco({ annotations: [anAnnotation({ score: 0.5 })] }))
    const { groundTruth, predictions } = images.get('images/a.jpg')!
    expect([groundTruth.length, predictions[0]?.score]).toEqual([0, 0.5])
  })

  test('that reaches a fraction of a pixel over the left edge is cut off there', async () => {
    expect((await annotationOf({ bbox: [-0.25, 2, 10, 20] })).box).toEqual({
      x: 0,
      y: 2,
      width: 9.75,
      height: 20,
    })
  })
})

describe('refused is', () => {
  test.each<[string, object, string]>([
    [
      'a box outside',
      { bbox: [60, 2, 10, 20] },
      'annotations[0].bbox [60,2,10,20] is outside the image (64x48)',
    ],
    ['a box without area', { bbox: [6, 2, 0, 20] }, 'annotations[0].bbox [6,2,0,20] has no area'],
    ['a box of three numbers', { bbox: [6, 2, 3] }, 'annotations[0].bbox'],
    ['a box of texts', { bbox: [6, 2, '3', 4] }, 'annotations[0].bbox[2] 3 cannot be taken'],
    ['an unknown category', { category_id: 1 }, 'annotations[0].category_id 1 is the id of no category'],
    ['no category', { category_id: undefined }, 'annotations[0].category_id is missing'],
    ['no shape at all', { bbox: undefined }, 'annotations[0].bbox is missing, and there is no segmentation'],
    [
      'a polygon of two points',
      { segmentation: [[1, 2, 3, 4]] },
      'annotations[0].segmentation[0] [1,2,3,4] is not the x and y',
    ],
    [
      'a polygon outside',
      { segmentation: [[1, 2, 3, 4, 5, 99]] },
      'segmentation[0] [5,99] is outside the image',
    ],
    [
      'a mask of another size',
      { segmentation: { size: [64, 48], counts: [64 * 48] } },
      'segmentation [64,48] is not the height and width',
    ],
    [
      'a mask cut short',
      { segmentation: { size: [48, 64], counts: [5, 3] } },
      'segmentation [5,3] has runs that are not all of the image',
    ],
    [
      'a mask of nonsense',
      { segmentation: { size: [48, 64], counts: 'zzzz zzzz' } },
      'has runs that are not all',
    ],
    [
      'an attribute that is a list',
      { attributes: { colour: [1] } },
      'annotations[0].attributes.colour [1] is not text',
    ],
  ])('%s', async (_, changes, problem) => {
    expect(await problemOf(changes)).toContain(
      `instances.json: ${problem.startsWith('annotations') ? problem : ''}`,
    )
    expect(await problemOf(changes)).toContain(problem)
  })

  test('a number beyond all numbers', async () => {
    const text = aCoco({ annotations: [anAnnotation()] }).replace('1.5', '1e999')
    expect((await read(text)).problems.join()).toContain('annotations[0].bbox[0]')
  })

  test('an id of two annotations; the first is kept', async () => {
    const { images, problems } = await read(
      aCoco({ annotations: [anAnnotation(), anAnnotation({ bbox: [1, 1, 2, 2] })] }),
    )
    expect(problems.join()).toContain('instances.json: annotations[1].id 1 is the id of annotations[0] too')
    expect(images.get('images/a.jpg')!.groundTruth).toHaveLength(1)
  })

  test('an id of two images, with both', async () => {
    const images = ['a.jpg', 'b.jpg'].map((file_name) => ({ id: 70, file_name }))
    const result = await read(aCoco({ images }), ['a.jpg', 'b.jpg'])
    expect(result.images.size).toBe(0)
    expect(result.problems).toHaveLength(2)
    expect(result.problems[1]).toContain('images[1].id 70 is the id of several images')
  })

  test('an image of another size', async () => {
    const images = [{ id: 70, file_name: 'a.jpg', width: 128, height: 96 }]
    expect((await read(aCoco({ images }))).problems.join()).toContain(
      "images[0].width 128 is not the image's width, 64",
    )
  })

  test('an annotation of no image, and an image without file', async () => {
    const images = [
      { id: 70, file_name: 'a.jpg' },
      { id: 71, file_name: 'lost.jpg' },
    ]
    const { problems } = await read(aCoco({ images, annotations: [anAnnotation({ image_id: 5 })] }))
    expect(problems.join('\n')).toContain('annotations[0].image_id 5 is the id of no image')
    expect(problems.join('\n')).toContain('images[1].file_name lost.jpg is not among the files')
  })
})

describe('the whole import ends', () => {
  test.each([
    [
      'with NaN in a box',
      aCoco({ annotations: [anAnnotation()] }).replace('1.5', 'NaN'),
      'instances.json:1: is not JSON',
    ],
    [
      'when the end of the file is missing',
      aCoco({ annotations: [anAnnotation()] }).slice(0, -20),
      'is not JSON',
    ],
    [
      'with lists nested without end',
      `{"images":[],"annotations":[${'['.repeat(100_000)}`,
      'is nested deeper than',
    ],
    [
      'when a category id means two',
      aCoco({
        categories: [
          { id: 9, name: 'a' },
          { id: 9, name: 'b' },
        ],
      }),
      'categories[1].id 9 is the id of two categories, "a" and "b"',
    ],
  ])('%s', async (_, text, problem) => {
    await expect(read(text)).rejects.toThrow(problem)
  })

  test('and says in which line', async () => {
    await expect(read('{"images":[],\n"annotations":[\n{"a":NaN}]}')).rejects.toThrow(
      'instances.json:3: is not JSON',
    )
  })
})

describe('an image', () => {
  test('without an entry is a negative', async () => {
    const { images } = await read(aCoco(), ['a.jpg', 'b.jpg'])
    expect(images.get('b.jpg')).toMatchObject({ groundTruth: [], tags: [] })
  })

  test('is found by its folder when two have the same name', async () => {
    const images = [{ id: 70, file_name: 'val/a.jpg' }]
    const result = await read(aCoco({ images, annotations: [anAnnotation()] }), [
      'x/train/a.jpg',
      'x/val/a.jpg',
    ])
    expect(result.images.get('x/val/a.jpg')!.groundTruth).toHaveLength(1)
    const unclear = await read(aCoco({ annotations: [anAnnotation()] }), ['x/train/a.jpg', 'x/val/a.jpg'])
    expect(unclear.problems.join()).toContain('images[0].file_name a.jpg may mean any of 2 images')
  })

  test('is found by the name of the file that names it, and described by several files', async () => {
    const coco = aCoco({ annotations: [anAnnotation()] })
    const { images, problems } = await readFiles(
      cocoReader,
      filesOf({
        ...{ 'train2017/a.jpg': null, 'val2017/a.jpg': null },
        ...{
          'annotations/instances_train2017.json': coco,
          'annotations/instances_val2017.json': coco,
          'annotations/things_val2017.json': coco,
        },
        ...{ 'package.json': '{"name":"x"}', '__MACOSX/instances.json': '?' },
      }),
      size,
    )
    expect(problems).toEqual([])
    expect([...images].map(([name, { groundTruth }]) => [name, groundTruth.length])).toEqual([
      ['train2017/a.jpg', 1],
      ['val2017/a.jpg', 2],
    ])
  })
})

test('COCO is recognised by its lists', async () => {
  expect(await cocoReader.recognise(filesOf({ 'a.json': aCoco() }))).toContain('a.json')
  expect(await cocoReader.recognise(filesOf({ 'a.json': '[]', 'b.json': '{"name":"x"}' }))).toBeUndefined()
})
