import { createHash } from 'node:crypto'
import { type AnnotationSet, annotationSetOf, emptySet } from '../annotation/annotation.ts'
import type { Asset } from '../asset/entry.store.ts'
import { BadImage, inspectImage } from '@ymir/images'
import { type LabelBook, problemOfName } from '../label/label.ts'
import { pairFiles, type Pair } from './layout.ts'
import type { ImportLimits } from './limits.ts'
import type { ImportPolicy } from './policy.ts'
import { BadItem } from './problem.ts'
import type { ReportBuilder } from './report.ts'
import { readVoc, type VocFile } from './voc.ts'
import type { Archive, ZipEntry } from './zip/archive.ts'

/** An image that will be imported, and where its bytes are. */
export interface AcceptedItem {
  readonly entry: ZipEntry
  readonly asset: Asset
  readonly annotationSet: AnnotationSet
}

export interface CheckOptions {
  readonly archive: Archive
  readonly labels: LabelBook
  readonly policy: ImportPolicy
  readonly limits: ImportLimits
  readonly report: ReportBuilder
  /** Called after each file with how much of the archive is checked, 0 to 1. */
  readonly onProgress: (progress: number) => void
  readonly signal: AbortSignal
}

const atOnce = 4

/**
 * Looks at every image and annotation of an archive and gives those that can be imported, in the archive's order. Nothing
 * is stored; what is wrong goes into the report. Memory: names of all files, the bytes of four.
 * @throws BadArchive when the archive as a whole cannot be imported
 */
export async function* checkArchive(options: CheckOptions): AsyncGenerator<AcceptedItem> {
  const { archive, report, signal } = options
  const pairs = await pairFiles(archive.entries())
  const seen = new Map<string, { name: string; set: string }>()
  for (let index = 0; index < pairs.length; index += atOnce) {
    signal.throwIfAborted()
    const checked = await Promise.all(
      pairs.slice(index, index + atOnce).map((pair) => openPair(pair, options)),
    )
    for (const opened of checked) {
      const item = opened && acceptItem(opened, options)
      if (!item || isDuplicate(item, seen, report)) continue
      report.assetCount++
      report.annotationCount += item.annotationSet.annotations.length
      yield item
    }
    options.onProgress(Math.min(1, (index + atOnce) / pairs.length))
  }
}

interface OpenedPair {
  readonly entry: ZipEntry
  readonly asset: Asset
  readonly annotationFile?: { readonly name: string; readonly voc: VocFile }
}

/** Reads and checks both files of a pair; a pair of which one is bad is left out as a whole. */
async function openPair(pair: Pair, options: CheckOptions): Promise<OpenedPair | undefined> {
  const { report, policy } = options
  const [entry, ...others] = pair.images
  for (const other of others)
    report.bad({
      file: other.name,
      problem: `has the same name as ${entry!.name} but for its extension: an annotation could mean either`,
      remedy: 'rename one of them',
    })
  try {
    if (!entry) return refuseOrphan(pair, options)
    const asset = await openImage(entry, options)
    if (!pair.annotation || policy.annotations === 'IGNORE') return { entry, asset }
    const bytes = await options.archive.read(pair.annotation, options.limits.annotationBytes)
    const { name } = pair.annotation
    return { entry, asset, annotationFile: { name, voc: readVoc(bytes, name, asset) } }
  } catch (error) {
    if (!(error instanceof BadItem)) throw error
    report.bad(error.problem)
    return undefined
  }
}

function refuseOrphan({ annotation }: Pair, { policy, report }: CheckOptions): undefined {
  if (policy.annotations === 'IGNORE') return
  report.bad({
    file: annotation!.name,
    problem: 'has no image of the same name',
    remedy: 'add the image, or remove the annotation',
  })
}

async function openImage(entry: ZipEntry, { archive, limits }: CheckOptions): Promise<Asset> {
  const bytes = await archive.read(entry, limits.imageBytes)
  try {
    const facts = await inspectImage(bytes, limits.pixels)
    return { id: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, ...facts }
  } catch (error) {
    if (!(error instanceof BadImage)) throw error
    throw new BadItem({ file: entry.name, found: error.found, problem: error.problem, remedy: error.remedy })
  }
}

/** Gives the annotations the workspace's names of their labels. */
function acceptItem({ entry, asset, annotationFile }: OpenedPair, options: CheckOptions): AcceptedItem {
  if (!annotationFile) return { entry, asset, annotationSet: emptySet }
  const { name: file, voc } = annotationFile
  for (const problem of voc.problems) options.report.bad(problem)
  const annotations = voc.objects.flatMap(({ annotation, line }) => {
    const label = labelOf(annotation.label, file, line, options)
    return label === undefined ? [] : [{ ...annotation, label }]
  })
  return { entry, asset, annotationSet: annotationSetOf(annotations) }
}

function labelOf(name: string, file: string, line: number, { labels, policy, report }: CheckOptions) {
  const known = labels.resolve(name)
  if (known !== undefined) return known
  const place = { file, line, field: 'object/name', found: name }
  const wrong = problemOfName(name)
  if (wrong) {
    report.bad({ ...place, problem: wrong, remedy: 'give the class a shorter, plain name' })
    return undefined
  }
  if (policy.unknownLabels === 'ADD') return labels.add(name)
  report.unknownLabel(name, {
    ...place,
    problem: 'is no label of the workspace',
    remedy: 'make it with createLabels, or import with unknownLabels: ADD or IGNORE',
  })
  return undefined
}

/** The same bytes under two names are one asset; it cannot have two ground truths. */
function isDuplicate(
  { entry, asset, annotationSet }: AcceptedItem,
  seen: Map<string, { name: string; set: string }>,
  report: ReportBuilder,
): boolean {
  const first = seen.get(asset.id)
  if (!first) {
    seen.set(asset.id, { name: entry.name, set: annotationSet.hash })
    return false
  }
  report.duplicateCount++
  if (first.set !== annotationSet.hash)
    report.bad({
      file: entry.name,
      problem: `is the same image as ${first.name} with other annotations; the first ones are kept`,
      remedy: 'keep one of them',
    })
  return true
}
