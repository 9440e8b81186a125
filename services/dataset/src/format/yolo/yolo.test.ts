import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotationSetOf } from '../../annotation/annotation.ts'
import {
  anImageSize,
  annotationSets,
  boxes,
  filesOf,
  readFiles,
  written,
  writtenAndRead,
} from '../../testing/format.ts'
import { yoloReader } from './yolo-reader.ts'
import { yoloWriter } from './yolo-writer.ts'

const size = { width: 100, height: 50 }
const plain = { difficult: false, truncated: false, crowd: false }
const yaml = 'train: ../train/images\nnames: [cell, nucleus]\n'

const read = (label: string, names: Record<string, string> = { 'data.yaml': yaml }) =>
  readFiles(yoloReader, filesOf({ ...names, 'images/train/a.jpg': null, 'labels/train/a.txt': label }), size)
const firstOf = async (label: string, names?: Record<string, string>) => {
  const { images, problems } = await read(label, names)
  expect(problems).toEqual([])
  return images.get('images/train/a.jpg')!.groundTruth[0]!
}

test('boxes come back to the last digit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(boxes, { maxLength: 20 }), async (all) => {
      const set = annotationSetOf(all.map((box) => ({ label: 'cell', box, ...plain })))
      const { before, after, problems } = await writtenAndRead(yoloWriter, yoloReader, [set])
      expect(problems).toEqual([])
      expect(after).toEqual(before)
    }),
    { numRuns: 100 },
  )
})

test('outlines of one part come back, and everything else that is lost is lost without a problem', async () => {
  await fc.assert(
    fc.asyncProperty(annotationSets, async (set) => {
      const reduced = annotationSetOf(
        set.annotations.map(({ label, box, polygons }) => {
          if (polygons?.length !== 1) return { label, box, ...plain }
          const [xs, ys] = [0, 1].map((from) => polygons[0]!.filter((_, index) => index % 2 === from))
          const [x, y] = [Math.min(...xs!), Math.min(...ys!)]
          const around = { x, y, width: Math.max(...xs!) - x, height: Math.max(...ys!) - y }
          return { label, box: around, polygons, ...plain }
        }),
      )
      fc.pre(
        reduced.annotations.every(
          ({ box }) =>
            box.width > 0 && box.height > 0 && box.x < anImageSize.width && box.y < anImageSize.height,
        ),
      )
      const { after, problems } = await writtenAndRead(yoloWriter, yoloReader, [set])
      expect(problems).toEqual([])
      expect(after[0]).toContain(reduced.hash)
    }),
    { numRuns: 100 },
  )
})

test('what is written is data.yaml, images and labels, an empty file for a negative', async () => {
  const set = annotationSetOf([{ label: 'cell', box: { x: 64.1, y: 0, width: 64.1, height: 479 }, ...plain }])
  const image = { ...anImageSize, serial: 0, format: 'jpg' as const, size: 1 }
  const files = await written(yoloWriter, [
    { ...set, ...image, id: 'a' },
    { ...annotationSetOf([]), ...image, id: 'b' },
  ])
  expect(files).toEqual({
    'data.yaml': 'path: .\ntrain: images/train\nval: images/train\nnames:\n  "0": cell\n',
    'images/train/a.jpg': null,
    'labels/train/a.txt': '0 0.15 0.5 0.1 1\n',
    'images/train/b.jpg': null,
    'labels/train/b.txt': '',
  })
})

describe('a line', () => {
  test('is a box by its centre', async () => {
    expect(await firstOf('1 0.5 0.5 2e-1 0.4')).toEqual({
      ...{ annotation: { label: 'nucleus', box: { x: 40, y: 15, width: 20, height: 20 }, ...plain } },
      ...{ file: 'labels/train/a.txt', line: 1, field: 'class' },
    })
  })

  test('of more numbers is an outline with the box around it', async () => {
    const { annotation } = await firstOf('0 0.1 0.2 0.3 0.2 0.3 0.6')
    expect(annotation).toMatchObject({
      box: { x: 10, y: 10, width: 20, height: 20 },
      polygons: [[10, 10, 30, 10, 30, 30]],
    })
  })

  test('with a score is a prediction', async () => {
    const { images } = await read('0 .5 .5 .2 .4 0.75')
    expect(images.get('images/train/a.jpg')).toMatchObject({
      groundTruth: [],
      predictions: [{ score: 0.75 }],
    })
  })

  test.each([
    ['0 0.5 0.5 0.2', 'a.txt:1: 0 0.5 0.5 0.2 is neither a box'],
    ['0 0.5 0.5 0.2 0.1 0.1 0.1 0.1', 'is neither a box'],
    ['\n2 0.5 0.5 0.2 0.2', 'labels/train/a.txt:2: class 2 is none of the 2 classes (0 to 1)'],
    ['cell 0.5 0.5 0.2 0.2', 'class cell is none of the 2 classes'],
    ['-1 0.5 0.5 0.2 0.2', 'class -1 is none of'],
    ['0 50 25 20 20', 'cx 50 is not from 0 to 1'],
    ['0 0.5 -0.5 0.2 0.2', 'cy -0.5 is not from 0 to 1'],
    ['0 0.5 0.5 nan 0.2', 'w nan is not a number'],
    ['0 0.5 0.5 1e999 0.2', 'w 1e999 is not from 0 to 1'],
    ['0 0.5 0.5 0.2 0', 'box [40,25,20,0] has no area'],
    ['0 0.95 0.5 0.3 0.2', 'box [80,20,30,10] is outside the image (100x50)'],
    ['0 0.5 0.5 0.2 0.2 7', 'score 7 is not from 0 to 1'],
  ])('"%s" is refused', async (line, problem) => {
    const { problems } = await read(line)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
  })
})

describe('names', () => {
  test.each([
    ['a map', { 'x.yaml': 'names:\n  0: cell\n  1: nucleus\n' }],
    ['a list of lines', { 'data/classes.txt': 'cell\r\nnucleus\r\n' }],
    [
      'the file nearest to the top',
      { 'a/b/data.yaml': 'names: [a]', 'hyp.yaml': 'lr0: 0.1', 'a/data.yaml': yaml },
    ],
  ])('are read from %s', async (name, files) => {
    const { images, problems } = await read('1 0.5 0.5 0.2 0.2', files)
    expect(images.get('images/train/a.jpg')!.groundTruth[0]!.annotation.label).toBe('nucleus')
    expect(problems).toHaveLength(name.startsWith('the file') ? 1 : 0)
  })

  test.each([
    ['missing', {}, 'archive: has no names of classes'],
    ['no YAML', { 'data.yaml': 'names: [a' }, 'data.yaml: is not YAML'],
    [
      'a bomb',
      {
        'data.yaml': `a: &a [x,x]\n${'bcdefghijkl'
          .split('')
          .map((key, at) => `${key}: &${key} [*${'abcdefghijk'[at]},*${'abcdefghijk'[at]}]`)
          .join('\n')}\nnames: *l`,
      },
      'data.yaml: is not YAML',
    ],
    [
      'numbered without end',
      { 'data.yaml': 'names: {4000000000: a}' },
      'names.4000000000 is not the number of a class',
    ],
  ])('that are %s end the import', async (_, files, problem) => {
    await expect(read('', files)).rejects.toThrow(problem)
  })
})

test.each([
  ['images/train/a.jpg', 'labels/train/a.txt'],
  ['set/train/images/a.jpg', 'set/train/labels/a.txt'],
  ['obj_train_data/a.jpg', 'obj_train_data/a.txt'],
])('%s has its labels in %s', async (image, label) => {
  const files = filesOf({ 'data.yaml': yaml, [image]: null, [label]: '0 0.5 0.5 0.2 0.2', 'README.txt': '?' })
  expect(await yoloReader.recognise(files)).toBe(
    `data.yaml has names of classes, and ${image} has a label file of the same name`,
  )
  const { images, problems } = await readFiles(yoloReader, files, size)
  expect(problems).toEqual([])
  expect(images.get(image)!.groundTruth).toHaveLength(1)
})

test('labels without image and images that share their labels are told', async () => {
  const files = filesOf({
    'data.yaml': yaml,
    'images/a.jpg': null,
    'images/a.png': null,
    'labels/a.txt': '',
    'labels/lost.txt': '',
  })
  const { images, problems } = await readFiles(yoloReader, files, size)
  expect([...images.keys()]).toEqual(['images/a.jpg'])
  expect([...problems].sort()).toEqual([
    'images/a.png: has the same name as images/a.jpg but for its extension: labels/a.txt could mean either: rename one of them',
    'labels/lost.txt: has no image of the same name: add the image, or remove the label file',
  ])
})

test('text files alone are not YOLO', async () => {
  expect(await yoloReader.recognise(filesOf({ 'a.jpg': null, 'a.txt': 'hello' }))).toBeUndefined()
  expect(await yoloReader.recognise(filesOf({ 'a.jpg': null, 'data.yaml': yaml }))).toBeUndefined()
})
