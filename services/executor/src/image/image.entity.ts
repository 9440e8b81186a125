import { GraphQLDateTime } from '@ymir/graphql'
import { Directive, Field, Float, ID, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { DriverName } from '../driver/driver.ts'
import { ImageState, type ImageProblem } from './image.ts'
import { ReportLevel, type ReportLine } from './report.ts'
import { StoredDescription } from './revision.entity.ts'

registerEnumType(ImageState, {
  name: 'ExecutorImageState',
  description: 'Whether an executor image is at hand.',
  valuesConfig: {
    PULLING: { description: 'Its reference is being pulled.' },
    READY: { description: 'Jobs can use it.' },
    FAILED: { description: 'It could not be pulled, or is no executor image: `problem` tells why.' },
  },
})
registerEnumType(ReportLevel, {
  name: 'ExecutorImageReportLevel',
  description: 'How much a line of a report matters; an image with an ERROR is not taken.',
})

@ObjectType('ExecutorImageReportLine', { description: 'How an image stands to one point of the contract.' })
export class ReportLineView implements ReportLine {
  @Field(() => ReportLevel)
  level!: ReportLevel

  @Field(() => String, { description: 'For example `training: yes (17 parameters)`.' })
  text!: string
}

@ObjectType('ExecutorImageProblem', { description: 'Why an executor image could not be had.' })
export class ImageProblemView implements ImageProblem {
  @Field(() => String, {
    description: 'IMAGE_MISSING, PULL_FAILED, ENGINE_LOST, NOT_AN_EXECUTOR_IMAGE or REMOVED.',
  })
  code!: string

  @Field(() => String, { description: 'What happened, in the words of the registry or the engine.' })
  message!: string

  @Field(() => String, { description: 'What to do about it.' })
  advice!: string
}

@Entity('executor_images')
@Directive('@key(fields: "id")')
@ObjectType({
  description: 'An algorithm that trains, mines or infers, packed by the executor image contract.',
})
export class ExecutorImage extends StoredDescription {
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
  @Field(() => String, {
    nullable: true,
    description:
      'Content address of the container image that jobs run, its current revision; null for folders.',
  })
  digest!: string | null

  @Column({ type: 'text' })
  @Field(() => ImageState, {
    description: 'While an image that was READY is updated, jobs go on with its current revision.',
  })
  state!: ImageState

  @Column({ type: 'double precision' })
  @Field(() => Float, { description: 'Of the pull: 0 to 1, by bytes of layers.' })
  progress!: number

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => ImageProblemView, {
    nullable: true,
    description: 'Why it FAILED; or, of a READY image, why the last update did not succeed.',
  })
  problem!: ImageProblem | null

  @Column({ type: 'jsonb' })
  @Field(() => [ReportLineView], {
    description: 'How it stands to the executor image contract, point by point.',
  })
  report!: ReportLine[]

  @Column({ type: 'boolean' })
  @Field(() => Boolean, { description: 'Disabled images start no new jobs.' })
  enabled!: boolean

  @Column({ type: 'boolean' })
  @Field(() => Boolean, { description: 'One that is not shared is for administrators only.' })
  shared!: boolean

  @Column({ type: 'boolean', name: 'network_allowed' })
  @Field(() => Boolean, {
    description:
      'Its containers may have the engine’s network; they get it when `asksForNetwork` is true as well.',
  })
  networkAllowed!: boolean

  @Column({ type: 'text', name: 'container_user', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: '`uid` or `uid:gid` that its containers run as; null: as the image says.',
  })
  user!: string | null

  /** The reference image: its reference and templates are those of this release. */
  @Column({ type: 'boolean', name: 'built_in' })
  builtIn!: boolean

  @Column({ type: 'timestamptz', name: 'created_at' })
  @Field(() => GraphQLDateTime)
  createdAt!: Date
}
