import type { Element } from './xml.ts'

interface OpenElement {
  readonly name: string
  readonly line: number
  text: string
  readonly children: OpenElement[]
}

const deepest = 50
const declaration = /^\s*<\?xml[^?<>]*\?>/
const tag = /<(\/?)([A-Za-z_][\w.-]*)\s*(\/?)>/y
const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
}

/**
 * Reads the XML that annotation tools write: elements without attributes, text, the five named entities. Undefined for
 * anything else, well-formed or not, so that whoever calls asks a full parser.
 */
export function scanPlainXml(text: string): Element | undefined {
  let at = declaration.exec(text)?.[0].length ?? 0
  let line = linesIn(text, 0, at) + 1
  let root: OpenElement | undefined
  const open: OpenElement[] = []
  for (;;) {
    const next = text.indexOf('<', at)
    const between = text.slice(at, next < 0 ? text.length : next).trim()
    const inside = open.at(-1)
    if (between) {
      const plain = plainText(between)
      if (!inside || plain === undefined) return undefined
      inside.text += plain
    }
    if (next < 0) return open.length ? undefined : root
    line += linesIn(text, at, next)
    tag.lastIndex = next
    const [found, closes, name, ends] = tag.exec(text) ?? []
    if (found === undefined || name === undefined) return undefined
    at = next + found.length
    if (closes) {
      if (ends || open.pop()?.name !== name) return undefined
    } else {
      const element = { name, line, text: '', children: [] }
      if (inside) inside.children.push(element)
      else if (root) return undefined
      else root = element
      if (!ends) open.push(element)
      if (open.length > deepest) return undefined
    }
    line += linesIn(text, next, at)
  }
}

function plainText(text: string): string | undefined {
  if (text.includes(']]>')) return undefined
  if (!text.includes('&')) return text
  let isPlain = true
  const decoded = text.replace(/&[^&;]*;?/g, (entity) => {
    const character = entities[entity]
    if (character === undefined) isPlain = false
    return character ?? ''
  })
  return isPlain ? decoded : undefined
}

function linesIn(text: string, start: number, end: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
