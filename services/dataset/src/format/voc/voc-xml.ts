import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { BadItem } from '../../import/problem.ts'
import { decodeXml } from '../../import/xml-text.ts'

export interface Element {
  readonly name: string
  readonly line: number
  readonly text: string
  readonly children: readonly Element[]
}

const parser = new XMLParser({
  preserveOrder: true,
  captureMetaData: true, // where each element begins, for the line in a message
  ignoreAttributes: true,
  parseTagValue: false,
})

/**
 * The `annotation` of a Pascal VOC file.
 * @throws BadItem when it is not well-formed, has a document type, or begins with something else
 */
export function parseVoc(bytes: Uint8Array, file: string): Element {
  const text = decodeXml(bytes, file)
  const doctype = /<!(DOCTYPE|ENTITY)/i.exec(text)
  if (doctype)
    throw new BadItem({
      file,
      line: lineAt(text, doctype.index),
      found: doctype[0],
      problem: 'is not allowed in an annotation',
      remedy: 'remove the document type and its entities',
    })
  const checked = XMLValidator.validate(text)
  if (checked !== true)
    throw new BadItem({
      file,
      line: checked.err.line,
      problem: `is not well-formed XML: ${checked.err.msg}`,
      remedy: 'write it again with the tool that made it',
    })
  const roots = elementsOf(parseNodes(text, file), lineCounter(text))
  const root = roots.find(({ name }) => name === 'annotation')
  if (!root)
    throw new BadItem({
      file,
      line: roots[0]?.line ?? 1,
      found: roots[0] ? `<${roots[0].name}>` : 'nothing',
      problem: 'stands where Pascal VOC has <annotation>',
      remedy: 'export the annotations as Pascal VOC',
    })
  return root
}

export function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name)
}

/** The parser refuses what the validator passes, e.g. elements nested without end. */
function parseNodes(text: string, file: string): ParsedNode[] {
  try {
    return parser.parse(text) as ParsedNode[] // with preserveOrder it gives a list
  } catch (error) {
    throw new BadItem({
      file,
      problem: `cannot be read as XML: ${error instanceof Error ? error.message : String(error)}`,
      remedy: 'write it again with the tool that made it',
    })
  }
}

/** What fast-xml-parser makes of an element with `preserveOrder`: `{ [name]: children }` and where it began. */
type ParsedNode = Readonly<Record<string, ParsedNode[] | string>>

const metadata = XMLParser.getMetaDataSymbol() as unknown as string // a symbol, which index signatures cannot say

function elementsOf(nodes: readonly ParsedNode[], lineOf: (index: number) => number): Element[] {
  return nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== '#text' && !key.startsWith('?'))
    const inside = name === undefined ? undefined : node[name]
    if (name === undefined || typeof inside !== 'object') return []
    const { startIndex } = node[metadata] as unknown as { startIndex: number } // set by captureMetaData
    const text = inside.map((child) => (typeof child['#text'] === 'string' ? child['#text'] : '')).join('')
    return [{ name, line: lineOf(startIndex), text: text.trim(), children: elementsOf(inside, lineOf) }]
  })
}

function lineAt(text: string, index: number): number {
  return lineCounter(text)(index)
}

/** Lines for ascending positions in one pass over the text. */
function lineCounter(text: string): (index: number) => number {
  let at = 0
  let line = 1
  return (index) => {
    if (index < at) [at, line] = [0, 1]
    for (; at < index; at++) if (text.charCodeAt(at) === 10) line++
    return line
  }
}
