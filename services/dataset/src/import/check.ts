import { createHash } from 'node:crypto'
import type { Blobs } from '@ymir/blobs'
import { BadImage, checkImage } from '@ymir/images'
import { type Annotation, type AnnotationSet, annotationSetOf } from '../annotation/annotation.ts'
import type { Asset } from '../asset/entry.store.ts'
import type { DescribedImage, Description, Files, FormatReader, FoundAnnotation } from '../format/format.ts'
import { type LabelBook, problemOfName, tidyName } from '../label/label.ts'
import type { AcceptedItem, Batch, Checkpoint, FoundPrediction, SeenAsset } from './batch.ts'
import type { ImportLimits } from './limits.ts'
import type { ImportPolicy } from './policy.ts'
import { BadItem, type ItemProblem } from './problem.ts'
import { isStorable, ReportBuilder } from './report.ts'

export interface CheckOptions {
  readonly importId: string
  readonly files: Files
  readonly reader: FormatReader
  readonly labels: LabelBook
  readonly policy: ImportPolicy
  readonly limits: ImportLimits
  readonly blobs: Blobs
  /** Where an earlier run of the same import had come to, and the assets that it took. */
  readonly from?: Checkpoint
  readonly seen: readonly SeenAsset[]
  /** Images in a batch, at most. */
  readonly batchImages: number
  /** Called after every few images. */
  readonly onProgress: (done: { images: number; bytes: number }) => void
  readonly signal: AbortSignal
}

const atOnce = 16
const batchProblems = 2_000
/** A batch is stored at least this often, so that little is done again after a crash. */
const batchMs = 1_000

/**
 * Looks at every image with what the files say of it, once: reads it, checks it, puts it into the blob store. Gives batches
 * in the reader's order. What is wrong goes into the report; once that refuses the import, nothing more is stored. Blobs that
 * then belong to nothing are found by the garbage collection.
 * @throws BadArchive when the files as a whole cannot be imported
 */
export async function* checkFiles(options: CheckOptions): AsyncGenerator<Batch> {
  const check = new Check(options)
  for await (const images of check.someImages()) {
    const opened = await Promise.all(images.map((image) => check.open(image)))
    for (const one of opened) check.accept(one)
    if (check.isBatchDue()) yield check.takeBatch()
  }
  yield check.takeBatch()
}

interface OpenedImage {
  readonly name: string
  readonly size: number
  /** Why it is left out. */
  readonly problem?: ItemProblem
  readonly found?: { readonly asset: Asset; readonly description: Description }
}

class Check {
  private readonly report: ReportBuilder
  private readonly seen: Map<string, SeenAsset>
  private readonly used: Set<string>
  private items: AcceptedItem[] = []
  private images: number
  private bytes = 0
  private readerProblems = 0
  private batchBegan = Date.now()

  constructor(private readonly options: CheckOptions) {
    const { policy, from, seen, labels } = options
    this.report = new ReportBuilder(policy, from?.counts)
    this.seen = new Map(seen.map((one) => [one.assetId, one]))
    this.images = from?.images ?? 0
    this.used = new Set(from?.labels)
    for (const label of this.used) if (labels.resolve(label) === undefined) labels.add(label)
  }

  /** Images from the checkpoint on, a few at a time. */
  async *someImages(): AsyncGenerator<DescribedImage[]> {
    const { reader, files, signal, from } = this.options
    const told = from?.readerProblems ?? 0
    const problem = (one: ItemProblem) => {
      if (++this.readerProblems > told) this.report.bad(one) // an earlier run has reported the first ones
    }
    let passed = 0
    let some: DescribedImage[] = []
    for await (const image of reader.images(files, { problem, signal })) {
      signal.throwIfAborted()
      if (++passed <= (from?.images ?? 0)) {
        this.bytes += image.image.size
        continue
      }
      if (some.push(image) < atOnce) continue
      yield some
      some = []
    }
    if (some.length) yield some
  }

  async open({ image, describe }: DescribedImage): Promise<OpenedImage> {
    const { name, size } = image
    const { files, limits, blobs } = this.options
    try {
      const bytes = await files.read(image, limits.imageBytes)
      const facts = factsOf(name, bytes, limits)
      const description = await describe(facts)
      const id = this.report.isRefused ? sha256(bytes) : (await blobs.put(bytes)).sha256
      return { name, size, found: { asset: { id, size: bytes.length, ...facts }, description } }
    } catch (error) {
      if (!(error instanceof BadItem)) throw error
      return { name, size, problem: error.problem }
    }
  }

  accept({ name, size, problem, found }: OpenedImage): void {
    this.images++
    this.bytes += size
    if (problem) this.report.bad(problem)
    if (found) this.acceptItem(name, found.asset, found.description)
    if (this.images % atOnce === 0) this.options.onProgress({ images: this.images, bytes: this.bytes })
  }

  isBatchDue(): boolean {
    const isLong =
      this.items.length >= this.options.batchImages || this.report.waitingProblems >= batchProblems
    return isLong || Date.now() - this.batchBegan > batchMs
  }

  takeBatch(): Batch {
    const batch = {
      items: this.report.isRefused ? [] : this.items,
      problems: this.report.takeProblems(),
      checkpoint: {
        images: this.images,
        readerProblems: Math.max(this.readerProblems, this.options.from?.readerProblems ?? 0),
        counts: this.report.counts(),
        labels: [...this.used],
      },
    }
    this.items = []
    this.batchBegan = Date.now()
    this.options.onProgress({ images: this.images, bytes: this.bytes })
    return batch
  }

  private acceptItem(name: string, asset: Asset, description: Description): void {
    for (const problem of description.problems) this.report.bad(problem)
    if (!isStorable([description.tags, description.metadata, description.groundTruth.map(ownKeysOf)])) {
      this.report.bad({
        file: name,
        problem: 'has keys or tags that are no text',
        remedy: 'write them as UTF-8 without zeros',
      })
      return
    }
    const annotationSet = this.groundTruthOf(description)
    if (this.isDuplicate(name, asset, annotationSet)) return
    const predictions = description.predictions.flatMap((found) => this.predictionOf(found) ?? [])
    this.report.assetCount++
    this.report.annotationCount += annotationSet.annotations.length
    this.report.predictionCount += predictions.length
    this.items.push({ name, asset, annotationSet, predictions })
  }

  /** The annotations with the workspace's names of their labels, and where they come from. */
  private groundTruthOf({ groundTruth, tags, metadata }: Description): AnnotationSet {
    const source = { kind: 'IMPORT', id: this.options.importId } as const
    const annotations = groundTruth.flatMap((found): Annotation[] => {
      const label = this.labelOf(found)
      if (label === undefined) return []
      this.used.add(label)
      return [{ ...found.annotation, label, source }]
    })
    return annotationSetOf(annotations, { tags, metadata })
  }

  private labelOf(found: FoundAnnotation): string | undefined {
    const { labels, policy } = this.options
    const name = found.annotation.label
    const known = labels.resolve(name)
    if (known !== undefined) return known
    const place = placeOfLabel(found)
    const wrong = problemOfName(name)
    if (wrong) {
      this.report.bad({ ...place, problem: wrong, remedy: 'give the class a shorter, plain name' })
      return undefined
    }
    if (policy.unknownLabels === 'ADD') return labels.add(name)
    this.report.unknownLabel(name, {
      ...place,
      problem: 'is no label of the workspace',
      remedy: 'make it with createLabels, or import with unknownLabels: ADD or IGNORE',
    })
    return undefined
  }

  /** A model may know labels that the workspace does not: they are kept as they stand. */
  private predictionOf(found: FoundAnnotation): FoundPrediction | undefined {
    const { label: name, box } = found.annotation
    const wrong = problemOfName(name)
    if (wrong)
      this.report.bad({
        ...placeOfLabel(found),
        problem: wrong,
        remedy: 'give the class a shorter, plain name',
      })
    if (wrong) return undefined
    return { label: this.options.labels.resolve(name) ?? tidyName(name), score: found.score ?? 1, box }
  }

  /** The same bytes under two names are one asset; it cannot have two ground truths. */
  private isDuplicate(name: string, { id }: Asset, { hash }: AnnotationSet): boolean {
    const first = this.seen.get(id)
    if (!first) {
      this.seen.set(id, { assetId: id, set: hash, name })
      return false
    }
    this.report.duplicateCount++
    if (first.set !== hash)
      this.report.bad({
        file: name,
        problem: `is the same image as ${first.name} with other annotations; the first ones are kept`,
        remedy: 'keep one of them',
      })
    return true
  }
}

function factsOf(file: string, bytes: Buffer, { pixels }: ImportLimits) {
  try {
    return checkImage(bytes, pixels)
  } catch (error) {
    if (!(error instanceof BadImage)) throw error
    const { found, problem, remedy } = error
    throw new BadItem({ file, ...(found === undefined ? {} : { found }), problem, remedy })
  }
}

function placeOfLabel({ file, line, field, annotation }: FoundAnnotation) {
  return { file, ...(line === undefined ? {} : { line }), field, found: annotation.label }
}

function ownKeysOf({ annotation: { attributes, mask } }: FoundAnnotation) {
  return [attributes, mask?.counts]
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
