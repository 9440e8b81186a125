import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import { Field, ID, Int, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { JobKind } from '../job/job.ts'
import type { Template } from './image.ts'

/** What an image says about itself, as it is stored. */
@ObjectType()
export abstract class StoredDescription {
  @Column({ type: 'text', array: true })
  @Field(() => [JobKind], { description: 'What it can do: it has a template for each.' })
  kinds!: JobKind[]

  @Column({ type: 'integer', array: true, name: 'object_types' })
  @Field(() => [Int], {
    description: '2: detection, 3: semantic segmentation, 4: instance segmentation, 50: multi-modal.',
  })
  objectTypes!: number[]

  @Column({ type: 'jsonb', name: 'training_template', nullable: true })
  @Field(() => GraphQLJSON, {
    nullable: true,
    description: 'Hyper-parameters of a training with their defaults.',
  })
  trainingTemplate!: Template | null

  @Column({ type: 'jsonb', name: 'mining_template', nullable: true })
  @Field(() => GraphQLJSON, { nullable: true, description: 'Parameters of mining with their defaults.' })
  miningTemplate!: Template | null

  @Column({ type: 'jsonb', name: 'inference_template', nullable: true })
  @Field(() => GraphQLJSON, { nullable: true, description: 'Parameters of inference with their defaults.' })
  inferenceTemplate!: Template | null

  @Column({ type: 'boolean', name: 'asks_for_network' })
  @Field(() => Boolean, {
    description:
      'Its manifest has `network: true`; it gets the network when `networkAllowed` is true as well.',
  })
  asksForNetwork!: boolean

  @Column({ type: 'boolean', name: 'tells_details' })
  @Field(() => Boolean, {
    description:
      'Its manifest has `mining_details: true`: it tells what it sees in each image, by which the platform can choose.',
  })
  tellsDetails!: boolean
}

@Entity('executor_image_revisions')
@ObjectType({
  description: 'A container image that was current under an executor image’s reference, known by its digest.',
})
export class ExecutorImageRevision extends StoredDescription {
  @PrimaryColumn({ type: 'uuid', name: 'executor_image_id' })
  @Field(() => ID)
  executorImageId!: string

  @PrimaryColumn({ type: 'text' })
  @Field(() => String, { description: 'Content address of the container image.' })
  digest!: string

  @Column({ type: 'timestamptz', name: 'created_at' })
  @Field(() => GraphQLDateTime, { description: 'When it was first seen.' })
  createdAt!: Date
}
