import { describe, expect, test } from 'vitest'
import { aVocFile } from '../../testing/archive.ts'
import { BadItem, describeProblem } from '../../import/problem.ts'
import { readVoc } from './read-voc.ts'

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
    const [object] = read(aVocFile([{ corners: [10, 20, 19, 29] }])).objects
    expect(object?.annotation.box).toEqual({ x: 10, y: 20, width: 10, height: 10 })
  })

  test('may be counted from 0 or from 1 and fill the image', () => {
    expect(read(aVocFile([{ corners: [0, 0, 63, 47] }])).objects).toHaveLength(1)
    expect(read(aVocFile([{ corners: [1, 1, 64, 48] }])).objects).toHaveLength(1)
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
    const { objects, problems } = read(aVocFile([{ corners: [5, 5, 5, 9] }, { corners: [1, 1, 9, 9] }]))
    expect([objects.length, problems.length]).toEqual([1, 1])
  })
})

test('what an object says beside its box is kept', () => {
  const text = `<annotation><object><name>a &amp; b</name><difficult>1</difficult><truncated>1</truncated>
    <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax><rotate_angle>0.5</rotate_angle></bndbox>
    <box_quality>0.9</box_quality></object></annotation>`
  expect(read(text).objects[0]?.annotation).toMatchObject({
    label: 'a & b',
    difficult: true,
    truncated: true,
    crowd: false,
    quality: 0.9,
    rotation: 0.5,
  })
})

test('a turned box may reach beyond its image, but not with its middle', () => {
  const turned = (xmin: number, xmax: number) =>
    read(`<annotation><object><name>a</name><bndbox><xmin>${xmin}</xmin><ymin>-4</ymin><xmax>${xmax}</xmax>
      <ymax>15</ymax><rotate_angle>0.5</rotate_angle></bndbox></object></annotation>`)
  expect(turned(-3, 12).objects[0]?.annotation.box).toEqual({ x: -3, y: -4, width: 16, height: 20 })
  expect(turned(-13, 2).problems.map(describeProblem).join()).toContain(
    'object/bndbox is turned and has its middle outside the image',
  )
})

describe('what the standard has no word for', () => {
  const object = (extra: string) =>
    read(
      `<annotation><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>${extra}</object></annotation>`,
    )

  test('is read from elements that other tools write', () => {
    const { objects } = object(
      '<confidence>0.5</confidence><tags><pose>left</pose><my_x0020_key>1</my_x0020_key></tags>' +
        '<polygon><x1>1</x1><y1>1</y1><x2>9.5</x2><y2>1</y2><x3>9</x3><y3>9</y3></polygon>',
    )
    expect(objects[0]).toMatchObject({
      score: 0.5,
      annotation: { attributes: { pose: 'left', 'my key': '1' }, polygons: [[1, 1, 9.5, 1, 9, 9]] },
    })
  })

  test('is -1 as a score of an object that has none', () => {
    expect(object('<confidence>-1</confidence>').objects[0]).not.toHaveProperty('score')
  })

  test.each([
    [
      '<polygon><x1>1</x1><y1>1</y1></polygon>',
      'object/polygon[0] [1,1] is not the x and y of at least three',
    ],
    ['<polygon><x1>1</x1><x2>1</x2></polygon>', 'object/polygon/x2 is not in the order'],
    ['<polygon><x1>one</x1></polygon>', 'object/polygon/x1 "one" is not a number'],
    [
      '<mask><height>48</height><width>64</width><counts>7</counts></mask>',
      'object/mask 7 has runs that are not',
    ],
    [`<tags>${'<k>1</k>'.repeat(3)}<a>${'x'.repeat(1_001)}</a></tags>`, 'tags.a xxx'],
  ])('%s is reported', (extra, problem) => {
    expect(object(extra).problems.map(describeProblem).join()).toContain(problem)
  })
})

describe('a file', () => {
  test('without objects is a negative', () => {
    expect(read('<annotation/>')).toEqual({
      ...{ imageName: undefined, objects: [], problems: [] },
      ...{ tags: [], metadata: {} },
    })
  })

  test('without a size, or with the size 0 x 0, is taken: the image tells', () => {
    const [box] = [
      '<object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object>',
    ]
    expect(read(`<annotation>${box}</annotation>`).objects).toHaveLength(1)
    const zero = '<size><width>0</width><height>0</height><depth/></size>'
    expect(read(`<annotation>${zero}${box}</annotation>`).objects).toHaveLength(1)
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
      'a.xml:2: object/bndbox/xmax is missing',
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
    const labelOf = (bytes: Buffer) => read(bytes).objects[0]?.annotation.label
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
