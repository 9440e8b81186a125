import { z } from 'zod'
import { JobProblem } from '../job/failure.ts'
import type { Candidates } from './candidates.ts'
import { inImage } from './layout.ts'

/** What an image found on one asset; boxes in pixels, origin top left. */
export interface AssetPredictions {
  readonly assetId: string
  readonly annotations: readonly Prediction[]
}

export interface Prediction {
  readonly label: string
  readonly score: number
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

// some images write numbers as texts
const number = z.union([z.number(), z.string().regex(/\d/).pipe(z.coerce.number())], 'is not a finite number')
const found = z.object({
  box: z.object({ x: number, y: number, w: number, h: number }),
  class_name: z.union([z.string(), z.number()]).transform(String),
  score: number,
})
const list = z.array(found)
// before protocol 1.1.0 the list was called annotations
const ofImage = z
  .object({ boxes: list.optional(), annotations: list.optional() })
  .refine(({ boxes, annotations }) => boxes ?? annotations, 'has neither boxes nor annotations')
  .transform(({ boxes, annotations }) => boxes ?? annotations ?? [])
const file = z.object({ detection: z.record(z.string(), ofImage) })

/**
 * Reads /out/infer-result.json of a detector.
 * @returns one entry for each candidate, in their order; images that the file does not name have no predictions
 * @throws JobProblem CONTRACT_VIOLATION with the place in the file
 */
export function parseInferenceResult(text: string, candidates: Candidates): AssetPredictions[] {
  const content = parseJson(text)
  if (isCocoObject(content))
    throw violation(text, ['annotations'], 'segmentation (a COCO object) is not read here yet, boxes are')
  const parsed = file.safeParse(content)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw violation(text, issue?.path ?? [], issue?.message ?? 'is not valid')
  }
  const byAsset = new Map<string, Prediction[]>()
  for (const [name, boxes] of Object.entries(parsed.data.detection)) {
    const assetId = candidates.find(name)
    if (!assetId) throw violation(text, ['detection', name], candidates.whyNot(name))
    const predictions = boxes.map(({ box: { x, y, w, h }, class_name, score }) => ({
      label: class_name,
      score,
      box: { x, y, width: w, height: h },
    }))
    byAsset.set(assetId, [...(byAsset.get(assetId) ?? []), ...predictions])
  }
  return [...candidates.assetIds].map((assetId) => ({ assetId, annotations: byAsset.get(assetId) ?? [] }))
}

/** What images for segmentation write. */
function isCocoObject(content: unknown): boolean {
  return typeof content === 'object' && content !== null && 'images' in content && 'annotations' in content
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const position = Number(/position (\d+)/.exec(reason)?.[1] ?? text.length)
    throw problemAt(lineAt(text, position), reason)
  }
}

/** JSON keeps no positions: the line is that of the innermost key of the path that the text has. */
function violation(text: string, path: readonly PropertyKey[], problem: string): JobProblem {
  let position = 0
  for (const key of path) {
    const next = typeof key === 'string' ? text.indexOf(JSON.stringify(key), position) : -1
    if (next >= 0) position = next
  }
  return problemAt(lineAt(text, position), `${path.join('/') || 'the file'}: ${problem}`)
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length
}

function problemAt(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.inferResult}:${line}: ${problem}`)
}
