import type { ConnectorItemRow } from './connector.entity.ts'
import type { SeenItem } from './tool.ts'

/** What is to be done with an answer that stands in a tool. */
export type Decision = 'RECORD' | 'REOPEN' | 'NOTHING'

/** Which of the vendor's answers an item has; -1: none. */
export const revisionOf = ({ vendorRevision }: Pick<SeenItem, 'vendorRevision'>): number =>
  vendorRevision ?? -1

/** Whether somebody has yet to answer an item. */
export const isToDo = ({ state }: Pick<SeenItem, 'state'>): boolean =>
  state === 'WAITING' || state === 'SENT_BACK' || state === 'CLAIMED'

/**
 * An answer is recorded when it is not the one that the item has. One that was sent back stands in the tool as before,
 * until it is reopened there; after that, the same boxes again are an answer too.
 * @param digest of the answer in the tool
 */
export function decide(
  item: Pick<SeenItem, 'state' | 'vendorRevision' | 'vendorAnswer'>,
  link: Pick<ConnectorItemRow, 'reopenedRevision' | 'isReopened'>,
  digest: string,
): Decision {
  const isChanged = digest !== item.vendorAnswer
  if (item.state !== 'SENT_BACK') return isChanged ? 'RECORD' : 'NOTHING'
  if (link.isReopened && link.reopenedRevision === revisionOf(item)) return 'RECORD'
  return isChanged && item.vendorAnswer !== null ? 'RECORD' : 'REOPEN'
}
