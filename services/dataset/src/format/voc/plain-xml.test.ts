import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanPlainXml } from './plain-xml.ts'
import { type Element, parseAnyXml } from './xml.ts'

const space = fc.constantFrom('', ' ', '\n', '\n  ', '\t')
const text = fc
  .array(fc.constantFrom('a', 'ü', '7', ' ', '&amp;', '&lt;', '&gt;', '&quot;', '&apos;', ';', '>', '"'), {
    maxLength: 6,
  })
  .map((parts) => parts.join('').trim())
  .filter((one) => !one.includes(']]>'))
const name = fc.constantFrom('annotation', 'object', 'a.b', 'x-1', '_y')
const { element } = fc.letrec<{ element: string }>((tie) => ({
  element: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.tuple(name, space, text).map(([one, gap, inner]) => `<${one}${gap}>${inner}</${one}${gap}>`),
    name.map((one) => `<${one}/>`),
    fc
      .tuple(
        name,
        fc.array(
          fc.tuple(space, tie('element')).map((parts) => parts.join('')),
          { maxLength: 4 },
        ),
        space,
      )
      .map(([one, children, gap]) => `<${one}>${children.join('')}${gap}</${one}>`),
  ),
}))

test('plain XML is read as the full parser reads it', () => {
  fc.assert(
    fc.property(fc.constantFrom('', '<?xml version="1.0"?>\n'), element, space, (start, root, end) => {
      const xml = start + root + end
      expect(scanPlainXml(xml)).toEqual(parseAnyXml(xml, 'a.xml'))
    }),
  )
})

test('what the full parser refuses is never read', () => {
  const damaged = fc
    .tuple(element, fc.nat(), fc.constantFrom('', '<', '>', '/', '&', '</a>', '<b>', '<!--'))
    .map(([xml, place, change]) => {
      const at = place % xml.length
      return xml.slice(0, at) + change + xml.slice(at + 1)
    })
  fc.assert(
    fc.property(damaged, (xml) => {
      const scanned = scanPlainXml(xml)
      if (scanned) expect(scanned).toEqual(readOrExplain(xml))
    }),
    { numRuns: 500 },
  )
})

function readOrExplain(xml: string): Element | string | undefined {
  try {
    return parseAnyXml(xml, 'a.xml')
  } catch (error) {
    return String(error)
  }
}

test.each([
  '<a b="1"/>',
  '<a><!-- comment --></a>',
  '<a><![CDATA[x]]></a>',
  '<!DOCTYPE a><a/>',
  '<a>&#65;</a>',
  '<a>&b;</a>',
  '<a/><b/>',
  '<a>'.repeat(60) + '</a>'.repeat(60),
])('%s is left to the full parser', (xml) => {
  expect(scanPlainXml(xml)).toBeUndefined()
})
