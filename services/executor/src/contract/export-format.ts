import { JobProblem } from '../job/failure.ts'

/** How ground truth is written for a training. */
export type AnnotationFormat = 'voc' | 'ark' | 'coco' | 'none'

const formats: ReadonlyMap<string, AnnotationFormat> = new Map([
  ['voc', 'voc'],
  ['ark', 'ark'],
  ['coco', 'coco'],
  ['none', 'none'],
  ['det-voc', 'voc'],
  ['det-ark', 'ark'],
  ['det-coco', 'coco'],
])

/** Names met in images whose content this platform's datasets cannot give. */
const needsMore: ReadonlyMap<string, string> = new Map([
  ['seg-coco', 'needs segmentation masks; datasets here hold boxes'],
  ['seg-poly', 'needs segmentation polygons; datasets here hold boxes'],
  ['seg-mask', 'needs segmentation masks; datasets here hold boxes'],
  ['det-ls-json', 'is not written by this platform yet'],
])

const defaultFormat = 'voc:raw'

/**
 * Reads `export_format`, `<annotation>:<image>`.
 * @throws JobProblem BAD_CONFIGURATION for a format that is unknown or cannot be written
 */
export function parseExportFormat(value: unknown): AnnotationFormat {
  const text = value === undefined || value === null || value === '' ? defaultFormat : String(value)
  const [annotation = '', image = 'raw'] = text.trim().toLowerCase().split(':')
  const format = formats.get(annotation)
  if (image !== 'raw') throw refuse(text, `images are given as they are: "raw", not "${image}"`)
  if (format) return format
  throw refuse(text, needsMore.get(annotation) ?? `"${annotation}" is unknown`)
}

function refuse(text: string, problem: string): JobProblem {
  return new JobProblem('BAD_CONFIGURATION', `export_format "${text}": ${problem}`, {
    advice: `Use one of ${[...formats.keys()].join(', ')} before ":raw".`,
  })
}
