import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { BadItem } from '../../import/problem.ts'
import { scanPlainXml } from './plain-xml.ts'

export interface Element {
  readonly name: string
  /** 1 for the first line. */
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
 * The root element of an XML file. Files as annotation tools write them are read in one pass; whatever else XML allows is
 * left to a full parser, which is ten times as slow.
 * @throws BadItem when it is not well-formed or has a document type: entities can be bombs, or read our files
 */
export function parseXml(text: string, file: string): Element | undefined {
  return scanPlainXml(text) ?? parseAnyXml(text, file)
}

export function parseAnyXml(text: string, file: string): Element | undefined {
  const doctype = /<!(DOCTYPE|ENTITY)/i.exec(text)
  if (doctype)
    throw new BadItem({
      file,
      line: lineCounter(text)(doctype.index),
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
  return elementsOf(parseNodes(text, file), lineCounter(text))[0]
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
