import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import { JobKind } from '../job/job.ts'
import type { DriverName } from '../driver/driver.ts'
import type { Template } from './image.ts'

@Entity('executor_images')
@Directive('@key(fields: "id")')
@ObjectType({
  description: 'An algorithm that trains, mines or infers, packed by the executor image contract.',
})
export class ExecutorImage {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID)
  id!: string

  @Column({ type: 'text' })
  @Field(() => String)
  name!: string

  @Column({ type: 'text' })
  @Field(() => String, {
    description:
      '`process`: a folder on the machine of the executor; `docker`: a container; `slurm`: a folder that the nodes of ' +
      'a Slurm cluster share with that machine.',
  })
  driver!: DriverName

  @Column({ type: 'text' })
  @Field(() => String, { description: "The folder's path, or the container image's reference." })
  reference!: string

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'Content address of the container image.' })
  digest!: string | null

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

  @Column({ type: 'boolean' })
  @Field(() => Boolean, { description: 'Disabled images start no new jobs.' })
  enabled!: boolean

  /** The reference image: its reference and templates are those of this release. */
  @Column({ type: 'boolean', name: 'built_in' })
  builtIn!: boolean

  @Column({ type: 'timestamptz', name: 'created_at' })
  @Field(() => GraphQLDateTime)
  createdAt!: Date
}
