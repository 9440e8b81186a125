import { BadItem } from '../../import/problem.ts'
import { decodeXml } from './xml-text.ts'
import { type Element, parseXml } from './xml.ts'

export type { Element } from './xml.ts'

/**
 * The `annotation` of a Pascal VOC file.
 * @throws BadItem when it is not well-formed, has a document type, or begins with something else
 */
export function parseVoc(bytes: Uint8Array, file: string): Element {
  const root = parseXml(decodeXml(bytes, file), file)
  if (root?.name === 'annotation') return root
  throw new BadItem({
    file,
    line: root?.line ?? 1,
    found: root ? `<${root.name}>` : 'nothing',
    problem: 'stands where Pascal VOC has <annotation>',
    remedy: 'export the annotations as Pascal VOC',
  })
}

export function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name)
}
