import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Annotation, annotationSetOf } from '../../annotation/annotation.ts'
import { boxOfRuns, countsOf, runsOf } from '../../annotation/mask.ts'
import { boxOfPolygons } from '../../annotation/outline.ts'
import { annotationSets, anImageSize, filesOf, readFiles, writtenAndRead } from '../../testing/format.ts'
import { brushOf, runsOfBrush } from './brush.ts'
import { labelStudioReader } from './label-studio-reader.ts'
import { labelStudioWriter } from './label-studio-writer.ts'

const size = { width: 200, height: 100 }
const plain = { difficult: false, truncated: false, crowd: false }

const aRectangle = (value: object = {}, more: object = {}) => ({
  ...{ type: 'rectanglelabels', original_width: 200, original_height: 100, image_rotation: 0 },
  value: { x: 10, y: 20, width: 25, height: 50, rotation: 0, rectanglelabels: ['cell'], ...value },
  ...more,
})
const aTask = (annotations: unknown[], more: object = {}) => ({
  ...{ id: 1, data: { image: '/data/upload/1/0a1b2c3d-a.jpg' }, annotations },
  ...more,
})
const read = (tasks: unknown[], images = ['a.jpg']) =>
  readFiles(
    labelStudioReader,
    filesOf({
      ...Object.fromEntries(images.map((name) => [name, null])),
      'export.json': JSON.stringify(tasks),
    }),
    size,
  )
const describedAs = async (...result: unknown[]) => {
  const { images, problems } = await read([aTask([{ result }])])
  expect(problems).toEqual([])
  return images.get('a.jpg')!
}

/** What Label Studio can say of an annotation. */
function reduced(annotation: Annotation): Annotation {
  const { polygons, mask, box, rotation, ...words } = annotation
  const fixed = (value: number) => Math.round(value * 1e9) / 1e9
  if (polygons) return { ...words, polygons, box: boxOfPolygons(polygons) }
  if (mask) return { ...words, mask, box: boxOfRuns(runsOf(mask.counts)!, mask.size[0])! }
  const rounded = { x: fixed(box.x), y: fixed(box.y), width: fixed(box.width), height: fixed(box.height) }
  return { ...words, box: rounded, ...(fixed(rotation ?? 0) ? { rotation: fixed(rotation!) } : {}) }
}

test('what is written comes back, but for what the writer says is lost', async () => {
  await fc.assert(
    fc.asyncProperty(annotationSets, async (set) => {
      const expected = set.annotations.map(reduced)
      fc.pre(
        expected.every(
          ({ box }) =>
            box.width > 0 && box.height > 0 && box.x < anImageSize.width && box.y < anImageSize.height,
        ),
      )
      const { after, problems } = await writtenAndRead(labelStudioWriter, labelStudioReader, [set])
      expect(problems).toEqual([])
      expect(after[0]).toContain(annotationSetOf(expected, set).hash)
    }),
    { numRuns: 60 },
  )
})

describe('a brush', () => {
  test('is read as its description says, also values that do not repeat', () => {
    // 2 x 1 pixels, 8 values; 8 bits a value; lengths of 3, 4, 8, 16 bits; one run of 8 single values: alpha 0, then 255
    const bits = [
      ...[(8).toString(2).padStart(32, '0'), '00111', '0010', '0011', '0111', '1111'],
      ...['0', '00', '111', ...[9, 9, 9, 0, 0, 0, 0, 255].map((value) => value.toString(2).padStart(8, '0'))],
    ].join('')
    const bytes = bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, '0'), 2))
    expect(runsOfBrush(bytes, { width: 2, height: 1 })).toEqual([1, 1])
    expect(runsOfBrush(bytes, { width: 1, height: 1 })).toBeUndefined()
    expect(runsOfBrush(bytes.slice(0, -2), { width: 2, height: 1 })).toBeUndefined()
  })

  test('of any mask comes back', () => {
    const image = fc.tuple(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
    )
    fc.assert(
      fc.property(image, ([height, some]) => {
        const sum = some.reduce((all, run) => all + run, 0)
        const runs = [...some, (height - (sum % height)) % height].filter((run) => run > 0)
        const total = runs.reduce((all, run) => all + run, 0)
        const width = total / height
        const counts = countsOf(runs)
        const again = runsOfBrush(brushOf({ size: [height, width], counts }), { width, height })
        expect(pixelsOf(again!)).toEqual(pixelsOf(runs))
      }),
    )
  })
})

function pixelsOf(runs: readonly number[]): string {
  return runs.map((run, index) => String(index % 2).repeat(run)).join('')
}

describe('a region', () => {
  test('is a box in percent of the image', async () => {
    const { groundTruth } = await describedAs(aRectangle())
    expect(groundTruth).toEqual([
      {
        annotation: { label: 'cell', box: { x: 20, y: 20, width: 50, height: 50 }, ...plain },
        ...{ file: 'export.json', field: '[0].annotations[0].result[0].value' },
      },
    ])
  })

  test('turned by 90 degrees around its corner lies to the left of it', async () => {
    const [found] = (await describedAs(aRectangle({ x: 50, y: 20, width: 20, height: 20, rotation: 90 })))
      .groundTruth
    // the corner (100, 20) turns 40 x 20 into 20 wide, 40 high, its centre at (90, 40)
    expect(found!.annotation.box).toEqual({ x: 70, y: 30, width: 40, height: 20 })
    expect(found!.annotation.rotation).toBeCloseTo(Math.PI / 2, 8)
  })

  test('that is turned may reach beyond its image before it is', async () => {
    const [found] = (await describedAs(aRectangle({ x: 5, y: 20, width: 40, height: 10, rotation: 90 })))
      .groundTruth
    // the corner (10, 20) turns 80 x 10 into 10 wide, 80 high, its centre at (5, 60)
    expect(found!.annotation.box).toEqual({ x: -35, y: 55, width: 80, height: 10 })
  })

  test('of points is an outline, and one with two labels two objects', async () => {
    const value = {
      points: [
        [10, 10],
        [20, 10],
        [20, 30],
      ],
      polygonlabels: ['cell', 'round'],
    }
    const { groundTruth } = await describedAs({ ...aRectangle(), type: 'polygonlabels', value })
    expect(groundTruth.map(({ annotation }) => annotation)).toEqual(
      ['cell', 'round'].map((label) => ({
        ...{ label, box: { x: 20, y: 10, width: 20, height: 20 }, polygons: [[20, 10, 40, 10, 40, 30]] },
        ...plain,
      })),
    )
  })

  test('of choices is a tag, and other results are passed over', async () => {
    const choices = { type: 'choices', value: { choices: ['blurred', 'night'] } }
    const { tags, groundTruth } = await describedAs(
      choices,
      { type: 'textarea', value: { text: ['?'] } },
      { type: 'relation' },
    )
    expect([tags, groundTruth]).toEqual([['blurred', 'night'], []])
  })

  test.each<[string, object, string]>([
    [
      'of another image',
      aRectangle({}, { original_width: 100 }),
      "result[0].original_width 100 is not the image's width, 200",
    ],
    ['of a turned image', aRectangle({}, { image_rotation: 90 }), 'image_rotation 90 turns the image'],
    ['without label', aRectangle({ rectanglelabels: undefined }), 'value rectanglelabels has no label'],
    ['of no height', aRectangle({ height: undefined }), 'is not a box of numbers'],
    ['outside', aRectangle({ x: 90 }), 'is outside the image (200x100)'],
    [
      'that is an ellipse',
      { type: 'ellipselabels', value: { x: 1, radiusX: 2 } },
      'type ellipselabels is no shape that can be taken',
    ],
    [
      'that is no brush',
      { type: 'brushlabels', value: { rle: [1, 2, 3], brushlabels: ['a'] } },
      'value.rle [1,2,3] is no brush',
    ],
    [
      'of bytes that are none',
      { type: 'brushlabels', value: { rle: [1, 999], brushlabels: ['a'] } },
      'value.rle[1] 999',
    ],
  ])('%s is refused', async (_, result, problem) => {
    const { problems } = await read([aTask([{ result: [result, aRectangle()] }])])
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain('export.json: [0].annotations[0].result[0]')
    expect(problems[0]).toContain(problem)
  })
})

describe('of a task', () => {
  const labelled = (label: string, more: object = {}) => ({
    result: [aRectangle({ rectanglelabels: [label] })],
    ...more,
  })

  test.each([
    ['cancelled annotations are left out', [labelled('a', { was_cancelled: true }), labelled('b')], 'b'],
    [
      'the newest annotation counts',
      [labelled('a', { updated_at: '2024-02-01' }), labelled('b', { updated_at: '2024-01-01' })],
      'a',
    ],
    ['the one marked as ground truth counts', [labelled('a', { ground_truth: true }), labelled('b')], 'a'],
  ])('%s', async (_, annotations, label) => {
    const { images } = await read([aTask(annotations)])
    expect(images.get('a.jpg')!.groundTruth.map(({ annotation }) => annotation.label)).toEqual([label])
  })

  test('predictions are apart, with their score', async () => {
    const { images } = await read([
      aTask([], { predictions: [labelled('a', { score: 0.5 }), 17], meta: { camera: 3 } }),
    ])
    expect(images.get('a.jpg')).toMatchObject({
      groundTruth: [],
      predictions: [{ score: 0.5 }],
      metadata: { camera: '3' },
    })
  })

  test.each([
    ['/data/upload/1/0a1b2c3d-a.jpg', 'x/a.jpg'],
    ['/data/local-files/?d=x%2Fa.jpg', 'x/a.jpg'],
    ['s3://bucket/folder/a.jpg', 'a.jpg'],
    ['https://example.com/a%20b.jpg?token=1', 'a b.jpg'],
  ])('the image %s is %s', async (image, name) => {
    const { images, problems } = await read(
      [aTask([labelled('a')], { data: { image } })],
      [name, 'other.jpg'],
    )
    expect(problems).toEqual([])
    expect(images.get(name)!.groundTruth).toHaveLength(1)
    expect(images.get('other.jpg')!.groundTruth).toHaveLength(0)
  })

  test('an image that is missing, twice there or asked for twice is told', async () => {
    const lost = await read([aTask([], { data: { image: 'lost.jpg' } })])
    expect(lost.problems).toEqual([
      expect.stringContaining('export.json: [0].data.image lost.jpg is not among the files'),
    ])
    const two = await read([aTask([])], ['x/a.jpg', 'y/a.jpg'])
    expect(two.problems[0]).toContain('may mean any of 2 images')
    const twice = await read([aTask([]), aTask([])])
    expect(twice.images.size).toBe(0)
    expect(twice.problems[0]).toContain('[1].data is about the same image as [0]')
  })
})

test('tasks are recognised; COCO is not taken for them', async () => {
  expect(await labelStudioReader.recognise(filesOf({ 'x.json': JSON.stringify([aTask([])]) }))).toContain(
    'x.json',
  )
  expect(await labelStudioReader.recognise(filesOf({ 'x.json': '{"images":[]}' }))).toBeUndefined()
})
