import type { EntityManager } from 'typeorm'
import { annotationSetOf, type Annotation } from '../annotation/annotation.ts'
import { batchesOf, readEntries, storeEntries } from '../asset/entry.store.ts'

const batchLength = 2_000

/**
 * Entries whose labels got another spelling while the import ran, because somebody else made them: they are stored again with
 * the workspace's own names.
 * @param names the workspace's name for each name that is written otherwise
 * @returns the serials with the others in their place
 */
export async function respell(
  manager: EntityManager,
  serials: readonly number[],
  names: ReadonlyMap<string, string>,
): Promise<number[]> {
  if (names.size === 0) return [...serials]
  const spelled: number[] = []
  const spell = (one: Annotation): Annotation => ({ ...one, label: names.get(one.label) ?? one.label })
  for (const batch of batchesOf(serials, batchLength)) {
    const entries = (await readEntries(manager, batch)).map(({ id, annotations, tags, metadata }) => ({
      assetId: id,
      annotationSet: annotationSetOf(annotations.map(spell), { tags, metadata }),
    }))
    spelled.push(...(await storeEntries(manager, entries)))
  }
  return spelled
}
