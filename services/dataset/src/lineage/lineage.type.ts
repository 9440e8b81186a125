import { createUnionType, Field, ID, ObjectType, registerEnumType } from 'type-graphql'
import { DatasetVersion } from '../version/version.entity.ts'
import { type Edge, EdgeRole, type NodeKind } from './edge.ts'
import { Job, LabellingTask, MiningTask, Model } from './stubs.ts'

registerEnumType(EdgeRole, {
  name: 'LineageRole',
  description:
    'What `from` is to `to`. PARENT: a version it was made from. TRAINED_ON, TESTED_ON, INFERRED_ON, MINED_FROM, LABELLED_FROM: the version that was used so. MADE_BY: what made it.',
})

export const LineageDirection = { UP: 'UP', DOWN: 'DOWN', BOTH: 'BOTH' } as const
export type LineageDirection = keyof typeof LineageDirection
registerEnumType(LineageDirection, {
  name: 'LineageDirection',
  description: 'UP: what it came from. DOWN: what was made of it.',
})

export const LineageNode = createUnionType({
  name: 'LineageNode',
  types: () => [DatasetVersion, Model, Job, LabellingTask, MiningTask] as const,
})

@ObjectType({ description: 'That one thing came out of another, or was made with it.' })
export class LineageEdge {
  @Field(() => ID)
  fromId!: string

  @Field(() => ID)
  toId!: string

  @Field(() => EdgeRole)
  role!: EdgeRole
}

@ObjectType({ description: 'What a version came from and what was made of it, as far as you may see it.' })
export class Lineage {
  @Field(() => [LineageNode], {
    nullable: 'items',
    description: 'The version itself first. Null where the service that owns a thing does not answer.',
  })
  nodes!: (typeof LineageNode)[]

  @Field(() => [LineageEdge])
  edges!: LineageEdge[]

  @Field(() => Boolean, { description: 'False when there is more beyond `depth` or beyond 1000 things.' })
  isComplete!: boolean
}

/** Other services' things by kind; they know more of them. */
export const stubOf: Readonly<
  Record<Exclude<NodeKind, 'VERSION'>, (id: string) => Model | Job | LabellingTask | MiningTask>
> = {
  MODEL: (id) => Object.assign(new Model(), { id }),
  JOB: (id) => Object.assign(new Job(), { id }),
  LABELLING_TASK: (id) => Object.assign(new LabellingTask(), { id }),
  MINING_TASK: (id) => Object.assign(new MiningTask(), { id }),
}

export function edgeOf({ from, to, role }: Edge): LineageEdge {
  return { fromId: from.id, toId: to.id, role }
}
