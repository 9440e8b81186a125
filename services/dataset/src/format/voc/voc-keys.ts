import { ownKeys } from '../own-keys.ts'
import { childOf, type Element } from './voc-xml.ts'

/** Keys as the published system writes them: an element each. */
export function keysIn(element: Element, name: string, file: string): Record<string, string> {
  const keys = childOf(element, name)
  if (!keys) return {}
  const values = Object.fromEntries(keys.children.map((child) => [keyOfElement(child.name), child.text]))
  return ownKeys(values, { file, line: keys.line, field: name })
}

/**
 * A key as the name of an XML element: what a name cannot have is written as _xHHHH_, its UTF-16 code (as .NET's
 * XmlConvert.EncodeName does), so that plain keys look plain.
 */
export function elementNameOf(key: string): string {
  const escaped = key.replace(/_(?=x[0-9A-F]{4}_)|[^A-Za-z0-9_.-]/g, escapeOf)
  // a name begins with a letter; parsers treat names such as __proto__ and constructor apart
  return /^[A-Za-z_]/.test(escaped) && !(escaped in {}) && !/^xml/i.test(escaped)
    ? escaped
    : escapeOf(escaped[0]!) + escaped.slice(1)
}

function keyOfElement(name: string): string {
  return name.replace(/_x([0-9A-F]{4})_/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)))
}

function escapeOf(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
}
