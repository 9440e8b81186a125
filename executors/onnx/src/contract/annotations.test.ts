import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseArk, parseCoco, parseVoc, readGroundTruth } from './annotations.ts'

const folder = mkdtempSync(join(tmpdir(), 'ymir-annotations-'))
afterAll(() => rmSync(folder, { recursive: true }))

const vocObject = (name: string, ...[xmin, ymin, xmax, ymax]: number[]) =>
  `<object><name>${name}</name><bndbox><xmin>${xmin}</xmin><ymin>${ymin}</ymin><xmax>${xmax}</xmax><ymax>${ymax}</ymax></bndbox></object>`
const voc = (...objects: string[]) =>
  `<annotation><size><width>9</width></size>${objects.join('')}</annotation>`

describe('Pascal VOC', () => {
  it('counts its maxima as pixels of the box', () => {
    expect(parseVoc(voc(vocObject('brick', 10, 20, 19, 39)), 'a.xml')).toEqual([
      { label: 'brick', box: { x: 10, y: 20, width: 10, height: 20 } },
    ])
  })

  it('may have several objects, one, or none', () => {
    const object = vocObject('brick', 1, 1, 2, 2)
    expect(parseVoc(voc(object, object), 'a.xml')).toHaveLength(2)
    expect(parseVoc(voc(object), 'a.xml')).toHaveLength(1)
    expect(parseVoc(voc(), 'a.xml')).toEqual([])
    expect(parseVoc('<annotation/>', 'a.xml')).toEqual([])
  })

  it('keeps class names that look like numbers as they are written', () => {
    expect(parseVoc(voc(vocObject('007', 1, 1, 2, 2)), 'a.xml')[0]?.label).toBe('007')
  })

  it('that is broken is told with the file’s name', () => {
    expect(() => parseVoc('<annotation><object>', 'dir/a.xml')).toThrow(/^dir\/a\.xml: /)
    expect(() => parseVoc(voc('<object><name>x</name></object>'), 'dir/a.xml')).toThrow(/bndbox/)
  })
})

describe('ark', () => {
  it('names classes by their place in class_names', () => {
    expect(parseArk('1, 10, 20, 19, 39, 0.5, 0\n\n0,1,1,2,2\n', 'a.txt', ['plate', 'brick'])).toEqual([
      { label: 'brick', box: { x: 10, y: 20, width: 10, height: 20 } },
      { label: 'plate', box: { x: 1, y: 1, width: 2, height: 2 } },
    ])
  })

  it('tells the line of a class that does not exist', () => {
    expect(() => parseArk('0,1,1,2,2\n5,1,1,2,2', 'a.txt', ['plate'])).toThrow(/^a\.txt:2: /)
  })
})

describe('COCO', () => {
  it('gives every image its objects, also none; crowds are left out', () => {
    const file = {
      images: [
        { id: 1, file_name: 'x/a.jpg' },
        { id: 2, file_name: 'b.jpg' },
      ],
      categories: [{ id: 7, name: 'brick' }],
      annotations: [
        { image_id: 1, category_id: 7, bbox: [1, 2, 3, 4] },
        { image_id: 1, category_id: 7, bbox: [0, 0, 9, 9], iscrowd: 1 },
      ],
    }
    expect(parseCoco(JSON.stringify(file), 'coco.json')).toEqual(
      new Map([
        ['a.jpg', [{ label: 'brick', box: { x: 1, y: 2, width: 3, height: 4 } }]],
        ['b.jpg', []],
      ]),
    )
  })
})

describe('the ground truth of an index', () => {
  const image = (annotation: string) => ({ name: '/in/a.jpg', path: '/tmp/a.jpg', annotation })

  it('leaves out, and counts, boxes without area and of classes that are not trained', async () => {
    const path = join(folder, 'a.xml')
    writeFileSync(
      path,
      voc(vocObject('brick', 1, 1, 5, 5), vocObject('plate', 1, 1, 5, 5), vocObject('brick', 5, 5, 4, 9)),
    )
    expect(await readGroundTruth([image(path)], 'voc', ['brick'])).toEqual({
      images: [
        { path: '/tmp/a.jpg', objects: [{ label: 'brick', box: { x: 1, y: 1, width: 5, height: 5 } }] },
      ],
      leftOut: 2,
    })
  })

  it('with a missing file is no data, and the error names it', async () => {
    const path = join(folder, 'missing', 'a.xml')
    await expect(readGroundTruth([image(path)], 'voc', ['brick'])).rejects.toMatchObject({
      code: 300002,
      message: expect.stringContaining(path) as string, // the matcher stands for a text
    })
  })
})
