import { DomainError, fromCursor } from '@ymir/graphql'
import { IsIn } from 'class-validator'
import { Field, InputType, registerEnumType } from 'type-graphql'
import { type Measure, measures } from '../index/measure.ts'
import type { Direction } from '../index/measured-set.ts'

/** What assets are ordered by; `ADDED` is their serial, which is no measure. */
const AssetOrderBy = {
  ADDED: 'ADDED',
  IMAGE_SIZE: 'IMAGE_SIZE',
  IMAGE_WIDTH: 'IMAGE_WIDTH',
  IMAGE_HEIGHT: 'IMAGE_HEIGHT',
  ANNOTATION_COUNT: 'ANNOTATION_COUNT',
  SMALLEST_BOX: 'SMALLEST_BOX',
  LARGEST_BOX: 'LARGEST_BOX',
} as const
type AssetOrderBy = keyof typeof AssetOrderBy

const measureOf: Record<Exclude<AssetOrderBy, 'ADDED'>, Measure> = {
  IMAGE_SIZE: measures.imageSide,
  IMAGE_WIDTH: measures.width,
  IMAGE_HEIGHT: measures.height,
  ANNOTATION_COUNT: measures.annotations,
  SMALLEST_BOX: measures.smallestBoxSide,
  LARGEST_BOX: measures.largestBoxSide,
}

const SortDirection = { ASCENDING: 'ASCENDING', DESCENDING: 'DESCENDING' } as const

registerEnumType(AssetOrderBy, {
  name: 'AssetOrderBy',
  description:
    'ADDED: as the platform met them. Sizes are square roots of areas in whole pixels; assets without a box count as 0.',
})
registerEnumType(SortDirection, { name: 'SortDirection' })

@InputType('AssetOrder', { description: 'Assets that are equal are in the order in which they were added.' })
export class AssetOrderInput {
  @IsIn(Object.keys(AssetOrderBy))
  @Field(() => AssetOrderBy)
  by!: AssetOrderBy

  @IsIn(Object.keys(SortDirection))
  @Field(() => SortDirection, { defaultValue: 'ASCENDING' })
  direction!: Direction
}

export type AssetOrder =
  | { readonly by: 'ADDED'; readonly direction: Direction }
  | { readonly by: 'MEASURE'; readonly measure: Measure; readonly direction: Direction }

export function orderOf(input: AssetOrderInput | null | undefined): AssetOrder {
  if (!input) return { by: 'ADDED', direction: 'ASCENDING' }
  const { by, direction } = input
  return by === 'ADDED' ? { by, direction } : { by: 'MEASURE', measure: measureOf[by], direction }
}

/** The asset after which a page begins. */
export interface Position {
  /** Of the measure by which assets are ordered. */
  readonly value: number
  readonly serial: number
}

/** @throws DomainError BAD_USER_INPUT for a cursor that is not of this order */
export function positionOf(cursor: string | null | undefined, { by }: AssetOrder): Position | undefined {
  if (!cursor) return undefined
  const numbers = fromCursor(cursor, by === 'ADDED' ? 1 : 2)
  if (!numbers.every((number): number is number => Number.isSafeInteger(number) && Number(number) >= 0))
    throw new DomainError('BAD_USER_INPUT', `"${cursor}" is not a cursor of this list`, { field: 'after' })
  const serial = numbers.at(-1)! // one or two
  return { value: numbers[0]!, serial }
}
