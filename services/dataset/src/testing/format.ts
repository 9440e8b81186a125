import fc from 'fast-check'
import {
  type Annotation,
  type AnnotationSet,
  annotationSetOf,
  type ImageFacts,
} from '../annotation/annotation.ts'
import { countsOf } from '../annotation/mask.ts'
import type { AssetEntry } from '../asset/entry.store.ts'
import type { Description, FormatReader, FormatWriter, Files, Listing } from '../format/format.ts'
import { BadItem, describeProblem, type ItemProblem } from '../import/problem.ts'

export const anImageSize = { width: 641, height: 479 }

/** Files in memory: text by name; null stands for an image. */
export function filesOf(contents: Readonly<Record<string, string | null>>): Files & Listing {
  const bytesOf = (name: string) => Buffer.from(contents[name] ?? '')
  return {
    names: Object.keys(contents),
    head: (name) => Promise.resolve(bytesOf(name).subarray(0, 4_096).toString()),
    async *entries() {
      for (const name of Object.keys(contents))
        yield await Promise.resolve({ name, size: bytesOf(name).length })
    },
    read: ({ name }) => Promise.resolve(bytesOf(name)),
    async *stream({ name }) {
      // small pieces, so that every reader meets values that are cut
      const bytes = bytesOf(name)
      for (let at = 0; at < bytes.length; at += 1_000)
        yield await Promise.resolve(bytes.subarray(at, at + 1_000))
    },
  }
}

export interface ReadResult {
  /** By the image's name. */
  readonly images: ReadonlyMap<string, Description>
  /** As a person reads them. */
  readonly problems: readonly string[]
}

/** Reads files as an import does; every image has the same size. */
export async function readFiles(reader: FormatReader, files: Files, size = anImageSize): Promise<ReadResult> {
  const problems: ItemProblem[] = []
  const images = new Map<string, Description>()
  const options = {
    problem: (one: ItemProblem) => void problems.push(one),
    signal: new AbortController().signal,
  }
  for await (const { image, describe } of reader.images(files, options)) {
    try {
      const description = await describe(size)
      problems.push(...description.problems)
      images.set(image.name, description)
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      problems.push(error.problem)
    }
  }
  return { images, problems: problems.map(describeProblem) }
}

/** The ground truth that a description says. */
export function setOf(description: Description): AnnotationSet {
  return annotationSetOf(
    description.groundTruth.map(({ annotation }) => annotation),
    description,
  )
}

/** What a writer makes of entries, as files to read again. */
export async function written(
  writer: FormatWriter,
  entries: readonly AssetEntry[],
): Promise<Record<string, string | null>> {
  const labels = [
    ...new Set(entries.flatMap(({ annotations }) => annotations.map(({ label }) => label))),
  ].sort()
  const contents: Record<string, string | null> = {}
  const all = async function* () {
    for (const entry of entries) yield await Promise.resolve(entry)
  }
  for await (const { name, content } of writer.files(all, labels)) {
    if (typeof content === 'string') contents[name] = content
    else if ('sha256' in content) contents[name] = null
    else contents[name] = await textOf(content)
  }
  return contents
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}

/** Sets in, sets out: what comes back when entries are written and read. */
export async function writtenAndRead(
  writer: FormatWriter,
  reader: FormatReader,
  sets: readonly AnnotationSet[],
): Promise<{ readonly before: string[]; readonly after: string[]; readonly problems: readonly string[] }> {
  const entries = sets.map((set, index) => anEntry(set, index))
  const { images, problems } = await readFiles(reader, filesOf(await written(writer, entries)))
  const after = [...images].map(
    ([name, description]) => `${name.replace(/.*\//, '')} ${setOf(description).hash}`,
  )
  const before = sets.map(({ hash }, index) => `${entries[index]!.id}.jpg ${hash}`)
  return { before: before.sort(), after: after.sort(), problems }
}

function anEntry(set: AnnotationSet, index: number): AssetEntry {
  const id = index.toString(16).padStart(64, '0')
  return { ...set, id, serial: index, format: 'jpg', size: 1_000, ...anImageSize }
}

const pixel = (size: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: size }),
    fc.integer({ min: 0, max: size * 100 }).map((hundredths) => hundredths / 100),
  )

/** A box in the image, in whole pixels, in hundredths and in any number that a computer can hold. */
export const boxes = fc
  .tuple(
    fc.double({ min: 0, max: 0.9, noNaN: true }),
    fc.double({ min: 0.01, max: 1, noNaN: true }),
    fc.constantFrom(1, 100, 0),
  )
  .chain(([at, part, grid]) =>
    fc.tuple(
      fc.constant([at, part, grid] as const),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
    ),
  )
  .map(([[atX, partX, grid], atY, partY]) => {
    const onGrid = (value: number) => (grid ? Math.round(value * grid) / grid : value)
    const side = (at: number, part: number, size: number) => {
      const start = onGrid(at * size)
      return [start, Math.max(onGrid((size - start) * part), 2)] as const
    }
    const [x, width] = side(atX, partX, anImageSize.width)
    const [y, height] = side(atY, partY, anImageSize.height)
    return { x, y, width, height }
  })

const polygons = fc.array(
  fc
    .array(fc.tuple(pixel(anImageSize.width), pixel(anImageSize.height)), { minLength: 3, maxLength: 8 })
    .map((points) => points.flat()),
  { minLength: 1, maxLength: 3 },
)

export const masks = fc
  .array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 12 })
  .map((runs) => {
    const rest = anImageSize.width * anImageSize.height - runs.reduce((sum, run) => sum + run, 0)
    return { size: [anImageSize.height, anImageSize.width] as const, counts: countsOf([...runs, rest]) }
  })

const word = fc
  .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
  .filter((text) => /^\S.*\S$|^\S$/u.test(text) && !/\p{C}/u.test(text))
const ownKeys = fc.dictionary(word, fc.string({ maxLength: 12 }).map(withoutControls), {
  minKeys: 1,
  maxKeys: 3,
  noNullPrototype: true,
})

function withoutControls(text: string): string {
  return text.replace(/\p{C}/gu, '').trim()
}

export const annotations: fc.Arbitrary<Annotation> = fc.record(
  {
    label: fc.constantFrom('cell', 'a & b <c>', 'Zelle "ä"'),
    box: boxes,
    difficult: fc.boolean(),
    truncated: fc.boolean(),
    crowd: fc.boolean(),
    polygons,
    mask: masks,
    quality: fc.double({ min: 0, max: 1, noNaN: true }).map(positive),
    rotation: fc.double({ min: -3, max: 3, noNaN: true }).map(positive),
    attributes: ownKeys,
  },
  { requiredKeys: ['label', 'box', 'difficult', 'truncated', 'crowd'] },
)

/** -0 and 0 are one number in JSON. */
function positive(value: number): number {
  return value === 0 ? 1 : value
}

export const imageFacts: fc.Arbitrary<ImageFacts> = fc.record({
  tags: fc.array(word, { maxLength: 3 }),
  metadata: fc.oneof(fc.constant({}), ownKeys),
})

/** Annotation sets that use everything there is. */
export const annotationSets: fc.Arbitrary<AnnotationSet> = fc
  .tuple(fc.array(annotations, { maxLength: 4 }), imageFacts)
  .map(([all, facts]) => annotationSetOf(all, facts))
