import type { Annotation, ImageFacts } from '../../annotation/annotation.ts'
import { BadItem, type ItemProblem } from '../../import/problem.ts'
import { tagsOf } from '../own-keys.ts'
import type { Size } from '../shape.ts'
import { keysIn } from './voc-keys.ts'
import { readObject } from './voc-object.ts'
import { childOf, type Element, parseVoc } from './voc-xml.ts'

/** One `object` of a Pascal VOC file; its label as the file writes it. */
export interface VocObject {
  readonly line: number
  readonly annotation: Annotation
  /** 0 to 1, what `confidence` says: only predictions have it. */
  readonly score?: number
}

export interface VocFile extends ImageFacts {
  /** What `filename` says, when it is there. */
  readonly imageName: string | undefined
  readonly objects: readonly VocObject[]
  /** Objects that cannot be taken. */
  readonly problems: readonly ItemProblem[]
}

/**
 * Reads a Pascal VOC annotation of an image of a known size, with what the published system adds (`cks`, `tags`, `box_quality`,
 * `rotate_angle`, `confidence`) and what we add (`polygon`, `mask`, tags of the image).
 * @throws BadItem when the file as a whole cannot be read
 */
export function readVoc(bytes: Uint8Array, file: string, image: Size): VocFile {
  const root = parseVoc(bytes, file)
  checkSize(root, file, image)
  const objects: VocObject[] = []
  const problems: ItemProblem[] = []
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      problems.push(error.problem)
      return undefined
    }
  }
  for (const element of root.children.filter(({ name }) => name === 'object')) {
    const object = attempt(() => readObject(element, file, image))
    if (object) objects.push({ line: element.line, ...object })
  }
  return {
    imageName: childOf(root, 'filename')?.text || undefined,
    objects,
    tags: attempt(() => tagsIn(root, file)) ?? [],
    metadata: attempt(() => keysIn(root, 'cks', file)) ?? {},
    problems,
  }
}

function tagsIn(root: Element, file: string): string[] {
  const tags = childOf(root, 'image_tags')
  if (!tags) return []
  const words = tags.children.filter(({ name }) => name === 'tag').map(({ text }) => text)
  return tagsOf(words, { file, line: tags.line, field: 'image_tags/tag' })
}

function checkSize(root: Element, file: string, image: { width: number; height: number }) {
  const size = childOf(root, 'size')
  if (!size) return // the image itself tells
  for (const field of ['width', 'height'] as const) {
    const element = childOf(size, field)
    if (!element || element.text === '' || Number(element.text) === 0) continue // tools that do not know write 0
    if (Number(element.text) === image[field]) continue
    throw new BadItem({
      file,
      line: element.line,
      field: `size/${field}`,
      found: element.text,
      problem: `is not the image's ${field}, ${image[field]} (image ${image.width}x${image.height})`,
      remedy: 'the boxes belong to another image or another scale of it: export them again for this one',
    })
  }
}
