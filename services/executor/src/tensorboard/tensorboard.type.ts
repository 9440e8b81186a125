import { Field, Float, ObjectType, registerEnumType } from 'type-graphql'
import { jobFolders } from '../contract/layout.ts'
import type { ExecutorContext } from '../context.ts'
import { TagKind } from './event.ts'
import { eventFiles } from './event-files.ts'

registerEnumType(TagKind, {
  name: 'TensorboardTagKind',
  description: 'What TensorBoard shows a tag as: SCALAR, IMAGE, TEXT, or OTHER (histograms and more).',
})

@ObjectType({ description: 'Something that an image logs under one name.' })
export class TensorboardTag {
  @Field(() => String, { description: 'For example train/loss.' })
  tag!: string

  @Field(() => TagKind, { description: 'As when it was first logged.' })
  kind!: TagKind

  @Field(() => String, {
    description:
      'The sub-folder that it was logged in, empty for none. `Job.scalars` has the tag as run/tag where there is one.',
  })
  run!: string
}

@ObjectType({ description: 'An event file: TensorBoard opens it.' })
export class TensorboardFile {
  @Field(() => String, { description: 'Within the folder for TensorBoard.' })
  path!: string

  @Field(() => Float, { description: 'Bytes; it may grow while the job runs.' })
  size!: number

  @Field(() => String, { description: 'Where the gateway has it; ranges are answered.' })
  url!: string
}

@ObjectType({ description: 'What a job wrote for TensorBoard.' })
export class JobTensorboard {
  @Field(() => [TensorboardTag], { description: 'By run and tag; at most 2,000.' })
  tags!: TensorboardTag[]

  @Field(() => [TensorboardFile], { description: 'By path; at most 1,000.' })
  files!: TensorboardFile[]
}

/** Where the gateway has the event files of jobs. */
export const eventFileUrl = '/files/jobs'

export async function tensorboardOf(
  jobId: string,
  { database, jobsFolder }: Pick<ExecutorContext, 'database' | 'jobsFolder'>,
): Promise<JobTensorboard> {
  const tags: TensorboardTag[] = await database.query(
    `select run, tag, kind from job_tags where job_id = $1 order by run, tag`,
    [jobId],
  )
  const files = await eventFiles(jobFolders(jobsFolder, jobId))
  const urlOf = (path: string) => path.split('/').map(encodeURIComponent).join('/')
  return {
    tags,
    files: files.map((file) => ({
      ...file,
      url: `${eventFileUrl}/${jobId}/tensorboard/${urlOf(file.path)}`,
    })),
  }
}
