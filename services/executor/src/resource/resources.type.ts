import { GraphQLDateTime } from '@ymir/graphql'
import { Field, Float, Int, ObjectType } from 'type-graphql'
import type { GpuUsage, Resources } from './resources.ts'

@ObjectType('GpuUsage', { description: 'What is used of a GPU that a job has.' })
export class GpuUsageView implements GpuUsage {
  @Field(() => String, { description: 'As nvidia-smi names it.' })
  uuid!: string

  @Field(() => Float, {
    nullable: true,
    description: 'Per cent of the time in which something ran on it; null where the GPU does not tell.',
  })
  utilisation?: number

  @Field(() => Float, { description: 'In use on the GPU.' })
  memoryBytes!: number
}

@ObjectType('JobResources', { description: 'What a running job uses, measured once a second.' })
export class ResourcesView implements Resources {
  @Field(() => GraphQLDateTime)
  measuredAt!: Date

  @Field(() => Float, { description: 'Processor cores at work since the sample before, e.g. 1.7.' })
  cpuCores!: number

  @Field(() => Float, {
    description: 'Of all its processes; as a process group, shared memory counts for each.',
  })
  memoryBytes!: number

  @Field(() => Float, { nullable: true, description: 'What it may use; null: as much as the machine has.' })
  memoryLimitBytes?: number

  @Field(() => Int)
  processes!: number

  @Field(() => [GpuUsageView], { description: 'Its GPUs.' })
  gpus!: GpuUsageView[]
}
