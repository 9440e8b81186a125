import { GraphQLDateTime, GraphQLJSON } from '@ymir/graphql'
import { Directive, Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql'
import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { JobFailure } from './failure.ts'
import { JobKind, JobState, type JobRequest, type JobResult, type StageFile } from './job.ts'

registerEnumType(JobState, {
  name: 'JobState',
  description:
    'QUEUED → PREPARING → RUNNING → COLLECTING → SUCCEEDED; from each, FAILED or CANCELLED; QUEUED again, with the ' +
    'next attempt, when the machine was lost.',
})
registerEnumType(JobKind, { name: 'JobKind', description: 'What a job asks of its executor image.' })

@ObjectType('JobFailure', { description: 'Why a job failed.' })
export class JobFailureView implements Omit<JobFailure, 'code'> {
  @Field(() => String, {
    description:
      'IMAGE_MISSING, PULL_FAILED, BAD_CONFIGURATION, CONTRACT_VIOLATION, OUT_OF_MEMORY, USER_CODE, TIMEOUT, MACHINE_LOST, ' +
      'ENGINE_LOST, DISK_FULL or EXECUTOR_ERROR.',
  })
  code!: string

  @Field(() => String, { description: 'What happened, with file and line where there is one.' })
  message!: string

  @Field(() => String, { description: 'What to do about it.' })
  advice!: string

  @Field(() => Int, { nullable: true, description: 'When the image ended by itself.' })
  exitCode?: number

  @Field(() => String, { description: 'The last lines of the log.' })
  logTail!: string
}

/** bigint columns arrive as text; byte offsets fit a number. */
const wholeNumber = {
  to: (value: number) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
}

@Entity('jobs')
@Directive('@key(fields: "id")')
@ObjectType({ description: 'One run of an executor image.' })
export class Job {
  @PrimaryColumn({ type: 'uuid' })
  @Field(() => ID)
  id!: string

  @Column({ type: 'text', name: 'project_id' })
  @Field(() => ID)
  projectId!: string

  @Column({ type: 'text', name: 'executor_image_id' })
  executorImageId!: string

  @Column({ type: 'text', name: 'image_digest', nullable: true })
  @Field(() => String, {
    nullable: true,
    description:
      'The revision of the executor image that it runs with; null until that is settled, and for images without revisions.',
  })
  imageDigest!: string | null

  @Column({ type: 'text', array: true })
  @Field(() => [JobKind], { description: 'TRAINING alone, or MINING and/or INFERENCE.' })
  kinds!: JobKind[]

  @Column({ type: 'text' })
  @Field(() => JobState)
  state!: JobState

  @Column({ type: 'jsonb' })
  request!: JobRequest

  @Column({ type: 'integer', name: 'gpu_count' })
  @Field(() => Int, { description: 'GPUs asked for; 0: one CPU slot.' })
  gpuCount!: number

  @Column({ type: 'integer' })
  @Field(() => Int, { description: 'Higher starts first; 0 is usual, interactive inference has 10.' })
  priority!: number

  @Column({ type: 'text', name: 'actor_id' })
  actorId!: string

  /** Order of arrival. */
  @Column({ type: 'bigint', insert: false, update: false, transformer: wholeNumber })
  serial!: number

  /** Place among jobs of equal priority, where it was moved while it waited; else its serial is. */
  @Column({ type: 'double precision', nullable: true })
  rank!: number | null

  /** The project whose turn it takes in the queue, where it was moved before a job of another one. */
  @Column({ type: 'text', name: 'turn_of', nullable: true })
  turnOf!: string | null

  @Column({ type: 'text', array: true })
  @Field(() => [String], {
    description: 'The slots given to it, e.g. `cpu:0` or `gpu:2`; empty while QUEUED.',
  })
  slots!: string[]

  @Column({ type: 'double precision' })
  @Field(() => Float, { description: '0 to 1; never goes back.' })
  progress!: number

  @Column({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'What the image says it is doing.' })
  message!: string | null

  @Column({ type: 'jsonb', nullable: true })
  @Field(() => JobFailureView, { nullable: true, description: 'Set when FAILED.' })
  failure!: JobFailure | null

  @Column({ type: 'jsonb', nullable: true })
  result!: JobResult | null

  @Column({ type: 'boolean', name: 'cancel_requested' })
  cancelRequested!: boolean

  @Column({ type: 'integer' })
  @Field(() => Int, { description: '1; higher when it was started again after the loss of its machine.' })
  attempt!: number

  @Column({ type: 'uuid', name: 'retry_of', nullable: true })
  retryOfId!: string | null

  /** How much of the log was published, in bytes. */
  @Column({ type: 'bigint', name: 'log_offset', transformer: wholeNumber })
  logOffset!: number

  /** How much of each TensorBoard event file was read, in bytes. */
  @Column({ type: 'jsonb', name: 'scalar_offsets' })
  scalarOffsets!: Record<string, number>

  @Column({ type: 'timestamptz', name: 'queued_at' })
  @Field(() => GraphQLDateTime)
  queuedAt!: Date

  @Column({ type: 'timestamptz', name: 'started_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it left the queue.' })
  startedAt!: Date | null

  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true })
  @Field(() => GraphQLDateTime, { nullable: true })
  finishedAt!: Date | null

  @Column({
    type: 'bigint',
    name: 'peak_memory_bytes',
    nullable: true,
    transformer: wholeNumber,
    update: false,
  })
  @Field(() => Float, {
    nullable: true,
    description: 'The most memory that it was seen to use; null when it was never measured, or runs still.',
  })
  peakMemoryBytes?: number | null

  /** When the files of the ended job were removed. */
  @Column({ type: 'timestamptz', name: 'swept_at', nullable: true })
  sweptAt!: Date | null
}

@ObjectType({ description: 'A file of a stage.' })
export class JobStageFile implements StageFile {
  @Field(() => String, { description: 'Its name within the stage.' })
  name!: string

  @Field(() => String, { description: 'SHA-256 of its bytes in hexadecimal.' })
  sha256!: string

  @Field(() => Float, { description: 'Bytes.' })
  size!: number
}

@Entity('job_stages')
@ObjectType({ description: 'A checkpoint that a training job saved.' })
export class JobStage {
  @PrimaryColumn({ type: 'uuid', name: 'job_id' })
  jobId!: string

  @PrimaryColumn({ type: 'text' })
  @Field(() => String, { description: 'Unique in the job.' })
  name!: string

  @Column({ type: 'jsonb' })
  @Field(() => GraphQLJSON, { description: 'Numbers by name as the image reports them, e.g. mAP.' })
  metrics!: Record<string, number>

  @Column({ type: 'timestamptz', name: 'saved_at' })
  @Field(() => GraphQLDateTime)
  savedAt!: Date

  @Column({ type: 'boolean' })
  @Field(() => Boolean, { description: 'Whether the image calls it the best so far.' })
  best!: boolean

  @Column({ type: 'jsonb' })
  @Field(() => [JobStageFile])
  files!: StageFile[]

  /** What result.yaml and the files looked like when it was stored: equal, and it need not be stored again. */
  @Column({ type: 'text' })
  signature!: string
}
