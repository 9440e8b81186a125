import { describe, expect, test } from 'vitest'
import { aVocFile } from '../../testing/archive.ts'
import { BadItem, describeProblem } from '../../import/problem.ts'
import { readVoc } from './voc.ts'

const image = { width: 64, height: 48 }
const read = (text: string | Buffer) => readVoc(Buffer.from(text), 'annotations/a.xml', image)

function problemOf(text: string | Buffer): string {
  try {
    const { problems } = read(text)
    return problems.map(describeProblem).join('\n')
  } catch (error) {
    if (!(error instanceof BadItem)) throw error
    return describeProblem(error.problem)
  }
}

describe('boxes', () => {
  test('have inclusive maxima', () => {
    const [object] = read(aVocFile([{ corners: [10, 20, 19, 29] }])).groundTruth
    expect(object?.annotation.box).toEqual({ x: 10, y: 20, width: 10, height: 10 })
  })

  test('may be counted from 0 or from 1 and fill the image', () => {
    expect(read(aVocFile([{ corners: [0, 0, 63, 47] }])).groundTruth).toHaveLength(1)
    expect(read(aVocFile([{ corners: [1, 1, 64, 48] }])).groundTruth).toHaveLength(1)
  })

  test('without area are reported with their line', () => {
    expect(problemOf(aVocFile([{ corners: [1, 1, 5, 5] }, { corners: [18, 2, 18, 9] }]))).toBe(
      'annotations/a.xml:20: object/bndbox/xmax 18 is not greater than xmin 18 (image 64x48): ' +
        'fix the box, or import with badItems: SKIP',
    )
    expect(problemOf(aVocFile([{ corners: [1, 9, 5, 8] }]))).toContain(
      'a.xml:13: object/bndbox/ymax 8 is not greater',
    )
  })

  test.each([
    [[1, 1, 65, 9], 'object/bndbox/xmax 65 is outside the image (64x48)'],
    [[1, 1, 9, 49], 'object/bndbox/ymax 49 is outside the image (64x48)'],
    [[-1, 1, 9, 9], 'object/bndbox/xmin -1 is outside the image (64x48)'],
  ])('%j are outside the image', (corners, problem) => {
    expect(problemOf(aVocFile([{ corners }]))).toContain(problem)
  })

  test.each(['', 'many', '1e999', 'NaN', '0x10', '1,5'])('with a coordinate "%s" are reported', (text) => {
    expect(problemOf(aVocFile([{ corners: [text, 1, 9, 9] }]))).toContain(
      `annotations/a.xml:10: object/bndbox/xmin ${JSON.stringify(text)} is not a number`,
    )
  })

  test('that are bad leave the good ones of the file alone', () => {
    const { groundTruth, problems } = read(aVocFile([{ corners: [5, 5, 5, 9] }, { corners: [1, 1, 9, 9] }]))
    expect([groundTruth.length, problems.length]).toEqual([1, 1])
  })
})

test('what an object says beside its box is kept', () => {
  const text = `<annotation><object><name>a &amp; b</name><difficult>1</difficult><truncated>1</truncated>
    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax><rotate_angle>0.5</rotate_angle></bndbox>
    <box_quality>0.9</box_quality></object></annotation>`
  expect(read(text).groundTruth[0]?.annotation).toMatchObject({
    label: 'a & b',
    difficult: true,
    truncated: true,
    crowd: false,
    quality: 0.9,
    rotation: 0.5,
  })
})

describe('a file', () => {
  test('without objects is a negative', () => {
    const nothing = { groundTruth: [], predictions: [], problems: [], tags: [], metadata: {} }
    expect(read('<annotation/>')).toEqual(nothing)
  })

  test('without a size, or with the size 0 x 0, is taken: the image tells', () => {
    const [box] = [
      '<object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>',
    ]
    expect(read(`<annotation>${box}</annotation>`).groundTruth).toHaveLength(1)
    const zero = '<size><width>0</width><height>0</height><depth/></size>'
    expect(read(`<annotation>${zero}${box}</annotation>`).groundTruth).toHaveLength(1)
  })

  test('for an image of another size is refused', () => {
    expect(problemOf(aVocFile([{ corners: [1, 1, 9, 9] }], { width: 640, height: 480 }))).toContain(
      "annotations/a.xml:4: size/width 640 is not the image's width, 64 (image 64x48)",
    )
  })

  test.each([
    [
      '<annotation>\n<object>\n</annotation>',
      "annotations/a.xml:3: is not well-formed XML: Expected closing tag 'object'",
    ],
    ['', 'is not well-formed XML'],
    ['not xml', 'is not well-formed XML'],
    ['<html><annotation/></html>', 'a.xml:1: <html> stands where Pascal VOC has <annotation>'],
    ['<annotation>\n<object/>\n</annotation>', 'a.xml:2: object/name is missing'],
    ['<annotation><object><name>a</name></object></annotation>', 'a.xml:1: object/bndbox is missing'],
    [
      '<annotation><object><name>a</name>\n<bndbox><xmin>1</xmin></bndbox></object></annotation>',
      'a.xml:2: object/bndbox/ymin is missing',
    ],
  ])('%j is reported', (text, problem) => {
    expect(problemOf(text)).toContain(problem)
  })

  test('with a document type is refused: entities can be bombs, or read our files', () => {
    const bomb =
      '<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;">]>\n<annotation>&c;</annotation>'
    expect(problemOf(bomb)).toContain('annotations/a.xml:2: <!DOCTYPE is not allowed in an annotation')
    const file =
      '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><annotation><filename>&b;</filename></annotation>'
    expect(problemOf(file)).toContain('<!DOCTYPE is not allowed')
  })

  test('is read in the encoding that it declares, and refused when it is not in it', () => {
    const text = aVocFile([{ name: 'Käfer', corners: [1, 1, 9, 9] }])
    const labelOf = (bytes: Buffer) => read(bytes).groundTruth[0]?.annotation.label
    expect(labelOf(Buffer.from(text))).toBe('Käfer')
    expect(labelOf(Buffer.from(`<?xml version="1.0" encoding="iso-8859-1"?>${text}`, 'latin1'))).toBe('Käfer')
    expect(labelOf(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toBe('Käfer')
    expect(problemOf(Buffer.from(text, 'latin1'))).toContain(
      'a.xml:1: encoding utf-8 is not how its text is written',
    )
    expect(problemOf('<?xml version="1.0" encoding="klingon"?><annotation/>')).toContain('encoding klingon')
  })

  test('with Windows line ends counts lines right', () => {
    expect(problemOf(aVocFile([{ corners: [5, 5, 5, 9] }]).replaceAll('\n', '\r\n'))).toContain('a.xml:12: ')
  })

  test('nested without end is refused', () => {
    const deep = '<a>'.repeat(1_000) + '</a>'.repeat(1_000)
    expect(problemOf(`<annotation>${deep}</annotation>`)).toContain(
      'annotations/a.xml: cannot be read as XML',
    )
  })
})

describe('what our own export adds', () => {
  const own = (inObject: string, inAnnotation = '') =>
    aVocFile([{ corners: [1, 1, 9, 9] }])
      .replace('</object>', `<ymir>${inObject}</ymir></object>`)
      .replace('</annotation>', `${inAnnotation}</annotation>`)

  test('is read: outlines, masks, keys, tags', () => {
    const shape = {
      polygons: [[1, 1, 9, 1, 9, 9]],
      mask: { size: [48, 64], counts: 'PX10' },
      attributes: { 'a&b': '<1>' },
    }
    const facts = { tags: ['blurred'], metadata: { camera: '3' } }
    const escaped = (value: object) =>
      JSON.stringify(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const found = read(own(escaped(shape), `<ymir>${escaped(facts)}</ymir>`))
    expect(found).toMatchObject({ ...facts, problems: [] })
    expect(found.groundTruth[0]?.annotation).toMatchObject(shape)
  })

  test.each([
    ['no json', 'object/ymir no json is not JSON'],
    ['{"polygons":[[1,2,3]]}', 'object/ymir/polygons/0 cannot be taken'],
    ['{"polygons":[[1,1,9,1,900,9]]}', 'object/ymir/polygons 900 is outside the image (64x48)'],
    [
      '{"mask":{"size":[64,48],"counts":"x"}}',
      "object/ymir/mask/size [64,48] is not the image's height and width",
    ],
    ['{"attributes":{"a":{"b":1}}}', 'object/ymir/attributes/a cannot be taken'],
  ])('is refused with its place when it is %s', (text, problem) => {
    expect(problemOf(own(text))).toContain(`annotations/a.xml:14: ${problem}`)
  })
})
