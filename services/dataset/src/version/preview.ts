import type { EntityManager } from 'typeorm'
import type { AnnotationSet } from '../annotation/annotation.ts'
import { readLabels } from '../label/label.store.ts'
import { countPages } from '../page/page.store.ts'
import { SerialSet } from '../page/serial-set.ts'
import { asDomainError, withLabelNames } from './make.ts'
import { perform, sourcesOf, type Work } from './operation.ts'
import { StoredEntries } from './stored-entries.ts'
import { readContent } from './version.store.ts'

/** How much a version would hold. */
export interface Preview {
  readonly assetCount: number
  readonly annotationCount: number
  /** Assets without an annotation. */
  readonly negativeCount: number
}

/**
 * Does the work as `makeVersion` would, and counts what would come of it; nothing is stored.
 * @throws DomainError that says what is wrong with the work
 */
export async function previewVersion(manager: EntityManager, asked: Work): Promise<Preview> {
  const labels = await readLabels(manager)
  const work = withLabelNames(asked, labels)
  const sources: SerialSet[] = []
  for (const source of sourcesOf(work)) sources.push((await readContent(manager, source)).serials)
  const entries = new EntriesToBe(manager)
  try {
    const serials = await perform(work, sources, entries, labels)
    const known = await countPages(manager, serials.minus(entries.serials), sources)
    const sizes = entries.annotationCounts
    return {
      assetCount: known.assetCount + sizes.length,
      annotationCount: known.annotationCount + sizes.reduce((sum, size) => sum + size, 0),
      negativeCount: known.negativeCount + sizes.filter((size) => size === 0).length,
    }
  } catch (error) {
    throw asDomainError(error)
  }
}

/** Above every serial of an entry that is there. */
const firstToBe = 2 ** 40

/** Entries as they are; those that an operation would add are only remembered, under serials that no entry has. */
class EntriesToBe extends StoredEntries {
  readonly annotationCounts: number[] = []

  get serials(): SerialSet {
    return SerialSet.of(this.annotationCounts.map((_, index) => firstToBe + index))
  }

  override store(
    entries: readonly { readonly assetId: string; readonly annotationSet: AnnotationSet }[],
  ): Promise<number[]> {
    return Promise.resolve(
      entries.map(({ annotationSet }) => {
        this.annotationCounts.push(annotationSet.annotations.length)
        return firstToBe + this.annotationCounts.length - 1
      }),
    )
  }
}
