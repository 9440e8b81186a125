import { z } from 'zod'
import { JobProblem } from '../job/failure.ts'
import type { Candidates } from './candidates.ts'
import { inImage } from './layout.ts'

/** How the probabilities of a box's classes hang together. */
export type ProbabilityHead = 'SOFTMAX' | 'SIGMOID'

/** A box with how likely it holds each class; pixels, origin top left. */
export interface DetailedBox {
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /**
   * One for each class of the job, in its order. SOFTMAX: one class excludes the others, what they lack to 1 is the share of
   * "nothing is there"; SIGMOID: each class by itself.
   */
  readonly probabilities: readonly number[]
}

/** What an image tells of one asset, for the platform to select by. */
export interface AssetDetails {
  readonly assetId: string
  readonly head: ProbabilityHead
  readonly boxes: readonly DetailedBox[]
  /** What it found on changed copies of the image, in pixels of the image itself. */
  readonly views: readonly { readonly name: string; readonly boxes: readonly DetailedBox[] }[]
  /** Where the model sees the image: alike images lie near each other. */
  readonly embedding?: readonly number[]
  /** How likely something is in each cell of a grid over the image, row by row: one for all classes, or one for each. */
  readonly heatMaps?: readonly {
    readonly columns: number
    readonly rows: number
    readonly values: readonly number[]
  }[]
}

const most = { boxes: 1_000, views: 32, dimensions: 4_096, maps: 1_000, cells: 65_536 }

const number = z.number('is not a finite number')
const probability = number.min(0, 'is below 0').max(1, 'is above 1')

const side = z.int('is not a whole number').min(1, 'is below 1')
const heatMap = z
  .object({ columns: side, rows: side, values: z.array(probability) })
  .refine(({ columns, rows }) => columns * rows <= most.cells, `has more than ${most.cells} cells`)
  .refine(({ columns, rows, values }) => values.length === columns * rows, 'has not columns x rows values')

function lineOf(classCount: number) {
  const boxes = z
    .array(
      z
        .object({
          box: z.object({ x: number, y: number, w: number.min(0), h: number.min(0) }),
          probabilities: z
            .array(probability)
            .length(classCount, `has not the job's ${classCount} classes, one number for each`),
        })
        .transform(({ box: { x, y, w, h }, probabilities }) => ({
          box: { x, y, width: w, height: h },
          probabilities,
        })),
    )
    .max(most.boxes, `has more than ${most.boxes} boxes`)
  return z.object({
    image: z.string(),
    head: z.enum(['softmax', 'sigmoid'], 'is neither softmax nor sigmoid').default('softmax'),
    boxes,
    views: z
      .array(z.object({ name: z.string().max(100), boxes }))
      .max(most.views, `has more than ${most.views} views`)
      .default([]),
    embedding: z
      .array(number)
      .min(1, 'is empty')
      .max(most.dimensions, `has more than ${most.dimensions} dimensions`)
      .optional(),
    maps: z.array(heatMap).max(most.maps, `has more than ${most.maps} maps`).optional(),
  })
}

/** Longer lines are refused: ten times what a crowded image with a large embedding takes. */
export const longestDetailsLine = 4 * 2 ** 20

/**
 * Reads /out/mining-details.jsonl, the optional file by which the platform selects instead of by the image's scores: a
 * line for each image, in whatever order. Candidates that it does not name have no details.
 * @param classCount of the job's class names
 * @throws JobProblem CONTRACT_VIOLATION with the line
 */
export async function* parseMiningDetails(
  lines: AsyncIterable<string> | Iterable<string>,
  candidates: Candidates,
  classCount: number,
): AsyncGenerator<AssetDetails> {
  const schema = lineOf(classCount)
  const told = new Set<string>()
  let dimensions: number | undefined
  let place = 0
  for await (const line of lines) {
    place += 1
    if (line.trim() === '') continue
    const { image, head, embedding, maps, ...rest } = parseLine(line, schema, place)
    const assetId = candidates.find(image)
    if (!assetId) throw violation(place, candidates.whyNot(image))
    if (told.has(assetId)) throw violation(place, `"${image}" has a line already`)
    told.add(assetId)
    dimensions ??= embedding?.length
    if (embedding && embedding.length !== dimensions)
      throw violation(place, `embedding: has ${embedding.length} dimensions, others have ${dimensions}`)
    yield {
      assetId,
      head: head === 'softmax' ? 'SOFTMAX' : 'SIGMOID',
      ...rest,
      ...(embedding && { embedding }),
      ...(maps && { heatMaps: maps }),
    }
  }
}

function parseLine(line: string, schema: ReturnType<typeof lineOf>, place: number) {
  let content: unknown
  try {
    content = JSON.parse(line)
  } catch (error) {
    throw violation(place, error instanceof Error ? error.message : String(error))
  }
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw violation(place, `${issue?.path.join('/') || 'the line'}: ${issue?.message ?? 'is not valid'}`)
}

function violation(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.miningDetails}:${line}: ${problem}`)
}
