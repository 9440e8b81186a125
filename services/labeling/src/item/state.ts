import { DomainError } from '@ymir/graphql'

export type LabellingItemState = 'WAITING' | 'CLAIMED' | 'LABELLED' | 'SKIPPED' | 'ACCEPTED' | 'SENT_BACK'

const next: Readonly<Record<LabellingItemState, readonly LabellingItemState[]>> = {
  WAITING: ['CLAIMED'],
  SENT_BACK: ['CLAIMED'],
  CLAIMED: ['LABELLED', 'SKIPPED', 'WAITING', 'SENT_BACK'], // the last two: released
  LABELLED: ['LABELLED', 'SKIPPED', 'ACCEPTED', 'SENT_BACK'], // the first two: answered anew
  SKIPPED: ['LABELLED', 'SKIPPED', 'SENT_BACK'],
  ACCEPTED: ['SENT_BACK'],
}

/**
 * Every change of an item's state goes through here, but for a claim's and a whole task's, which are one statement.
 * @throws DomainError CONFLICT when the item cannot go there from where it is
 */
export function moveItem(item: { readonly id: string; state: LabellingItemState }, to: LabellingItemState) {
  if (!next[item.state].includes(to))
    throw new DomainError('CONFLICT', `labelling item ${item.id} is ${item.state}: it cannot be ${to}`, {
      itemId: item.id,
      state: item.state,
    })
  item.state = to
}
