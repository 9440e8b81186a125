import { idsOf } from './made-first.ts'

/** Chosen where people label; others are `automatic:ID` and `vendors:ID,ID`. */
export const byPeople = 'people'

/** Who may be chosen to label beside people. */
export interface LabellerChoice {
  /** As it stands in the field. */
  readonly who: string
  readonly name: string
  readonly isVendor: boolean
}

interface Named {
  readonly id: string
  readonly name: string
}

export function labellersOf(
  automaticLabellers: readonly Named[],
  vendors: readonly Named[],
): LabellerChoice[] {
  return [
    ...automaticLabellers.map(({ id, name }) => ({ who: `automatic:${id}`, name, isVendor: false })),
    ...vendors.map(({ id, name }) => ({ who: `vendors:${id}`, name, isVendor: true })),
  ]
}

/** Who stands in settings of a round, as a field has it. */
export function whoIn({ vendorIds, automaticLabellerId }: Readonly<Record<string, unknown>>): string {
  const vendors = idsOf(vendorIds)
  if (vendors.length > 0) return `vendors:${vendors.join(',')}`
  return typeof automaticLabellerId === 'string' ? `automatic:${automaticLabellerId}` : byPeople
}

/** The same as settings: naming the one takes the other away. */
export function settingOf(who: string): { automaticLabellerId: string | null } | { vendorIds: string[] } {
  const [kind, ids = ''] = who.split(':')
  if (kind === 'vendors') return { vendorIds: ids.split(',') }
  return { automaticLabellerId: kind === 'automatic' ? ids : null }
}

/** Vendors that take the rounds in turn, where they are not one that can be chosen. */
export function inTurn(who: string, labellers: readonly LabellerChoice[]): LabellerChoice | undefined {
  if (who === byPeople || labellers.some((one) => one.who === who)) return undefined
  const ids = who.replace('vendors:', '').split(',')
  const names = ids.map((id) => labellers.find((one) => one.who === `vendors:${id}`)?.name ?? '?')
  return { who, name: names.join(', '), isVendor: who.startsWith('vendors:') }
}
