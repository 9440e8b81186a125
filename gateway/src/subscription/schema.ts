import {
  extendSchema,
  parse,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import type { Following, SubscriptionContext, Update } from './context.ts'
import { filledFields, fillFromGraph } from './fill.ts'
import { executorImageProgress } from './executor-image-progress.ts'
import { importProgress } from './import-progress.ts'
import { jobLog } from './job-log.ts'
import { jobProgress } from './job-progress.ts'
import { jobResources } from './job-resources.ts'
import { jobScalars } from './job-scalars.ts'
import { labellingTaskProgress } from './labelling-task-progress.ts'
import { modelStages } from './model-stages.ts'
import { projectEvents } from './project-events.ts'
import { UpdateStream } from './update-stream.ts'

const sdl = /* GraphQL */ `
  extend schema {
    subscription: Subscription
  }

  """
  What happens, live, over the graphql-transport-ws protocol at /graphql. Each subscription gives its present state first
  and then every change. Every payload has a \`cursor\`: given as \`after\` when subscribing again, it continues behind that
  payload with nothing missing and nothing twice. A client that is slower than the news gets the newest progress; changes
  of state, events, log text and logged numbers are never left out.
  """
  type Subscription {
    "A job's state and progress; ends behind its final state."
    jobProgress(jobId: ID!, after: String): JobUpdate!
    "The numbers that a job logs (loss, mAP): all so far, then each as it comes; ends when the job did."
    jobScalars(
      "Only these tags; all when left out."
      tags: [String!]
      jobId: ID!
      after: String
    ): ScalarsUpdate!
    "A job's log from its start or the cursor on; ends behind the last line of a job that ended."
    jobLog(
      "Only what was printed there; both when left out. Offsets and cursors are good for either."
      stream: LogStream
      jobId: ID!
      after: String
    ): LogUpdate!
    "What a running job uses, about once a second: the newest measurement only; ends when the job did."
    jobResources(jobId: ID!, after: String): ResourcesUpdate!
    """
    Every event of a project, from now on, or after a cursor, or since a time (RFC 3339, e.g. 2026-11-24T08:00:00Z) of the
    last 7 days.
    """
    projectEvents(projectId: ID!, after: String): ProjectEvent!
    "A model's stages: those that are there, then each as it appears; ends when no more can come."
    modelStages(modelId: ID!, after: String): ModelStageUpdate!
    "An import's state and progress; ends behind its final state."
    importProgress(importId: ID!, after: String): ImportUpdate!
    "The pull of an executor image and its state; ends behind READY or FAILED."
    executorImageProgress(executorImageId: ID!, after: String): ExecutorImageUpdate!
    "How many images of a labelling task are done, and its state; ends behind the final one."
    labellingTaskProgress(taskId: ID!, after: String): LabellingTaskUpdate!
  }

  "How a job goes."
  type JobUpdate {
    cursor: String!
    state: JobState!
    "0 to 1; never goes back."
    progress: Float!
    "What the image says it is doing."
    message: String
    "Why it failed; set when state is FAILED."
    failure: JobFailure
    "1: next to start; null unless QUEUED."
    queuePlace: Int
    "When it is expected to start; null unless QUEUED, and when nobody knows."
    estimatedStart: DateTime
    "What it waits for, e.g. \`2 jobs before it\`; null unless QUEUED, and when it is about to start."
    waitingFor: String
    job: Job!
  }

  "Numbers that a job logged."
  type ScalarsUpdate {
    cursor: String!
    "At most 1,000, steps of a tag in order."
    scalars: [LoggedScalar!]!
  }

  "A number that a job logged, known by its tag and step."
  type LoggedScalar {
    "E.g. train/loss."
    tag: String!
    step: Float!
    value: Float!
    "When, in Unix seconds."
    wallTime: Float!
  }

  "A part of a job's log."
  type LogUpdate {
    cursor: String!
    text: String!
    "The same text, with the streams apart."
    pieces: [LogPiece!]!
    "Where the text starts in the log, in bytes."
    offset: Float!
    "Where the next part will start."
    nextOffset: Float!
  }

  "What a job uses."
  type ResourcesUpdate {
    cursor: String!
    measuredAt: DateTime!
    "Processor cores at work, e.g. 1.7."
    cpuCores: Float!
    "Of all its processes."
    memoryBytes: Float!
    "What it may use; null: as much as the machine has."
    memoryLimitBytes: Float
    processes: Int!
    "Its GPUs."
    gpus: [GpuUsage!]!
  }

  "Something that happened in a project."
  type ProjectEvent {
    cursor: String!
    "Known by this everywhere: webhooks and the bus have the same."
    id: ID!
    "CloudEvents type, e.g. ymir.job.state_changed.v1."
    type: String!
    time: DateTime!
    "Id of what it happened to."
    entityId: ID!
    "Who caused it; null when nobody did."
    actorId: ID
    "The event as its contract in proto-events has it, in proto3 JSON."
    data: JSON!
  }

  "A stage of a model."
  type ModelStageUpdate {
    cursor: String!
    stage: ModelStage!
  }

  "How an import goes."
  type ImportUpdate {
    cursor: String!
    state: ImportState!
    "0 to 1; never goes back."
    progress: Float!
    "What was wrong; set when state is REFUSED or FAILED."
    problem: String
    import: Import!
  }

  "How the pull of an executor image goes."
  type ExecutorImageUpdate {
    cursor: String!
    state: ExecutorImageState!
    "0 to 1, by bytes of layers; never goes back."
    progress: Float!
    "Why it FAILED; of a READY image, why its last update did not succeed."
    problem: ExecutorImageProblem
    executorImage: ExecutorImage!
  }

  "How a labelling task goes."
  type LabellingTaskUpdate {
    cursor: String!
    state: LabellingTaskState!
    itemCount: Int!
    "Images labelled or skipped."
    doneCount: Int!
    task: LabellingTask!
  }
`

type Source = (following: Following) => AsyncGenerator<Update>

/** Each subscription: which argument names what it follows, the graph's query for that, and where payloads come from. */
const sources: Readonly<
  Record<string, { readonly idArgument: string; readonly query: string; readonly source: Source }>
> = {
  jobProgress: { idArgument: 'jobId', query: 'job', source: jobProgress },
  jobScalars: { idArgument: 'jobId', query: 'job', source: jobScalars },
  jobLog: { idArgument: 'jobId', query: 'job', source: jobLog },
  jobResources: { idArgument: 'jobId', query: 'job', source: jobResources },
  projectEvents: { idArgument: 'projectId', query: 'project', source: projectEvents },
  modelStages: { idArgument: 'modelId', query: 'model', source: modelStages },
  importProgress: { idArgument: 'importId', query: 'import', source: importProgress },
  executorImageProgress: {
    idArgument: 'executorImageId',
    query: 'executorImage',
    source: executorImageProgress,
  },
  labellingTaskProgress: { idArgument: 'taskId', query: 'labellingTask', source: labellingTaskProgress },
}

/** Types of payloads, which the gateway makes; all other types come from the graph. */
const ownTypes = new Set([
  'JobUpdate',
  'ScalarsUpdate',
  'LoggedScalar',
  'LogUpdate',
  'ResourcesUpdate',
  'ProjectEvent',
  'ModelStageUpdate',
  'ImportUpdate',
  'ExecutorImageUpdate',
  'LabellingTaskUpdate',
])

/** The services' schema with the gateway's subscriptions on top; each subscription field gives an UpdateStream. */
export function withSubscriptions(api: GraphQLSchema): GraphQLSchema {
  const schema = extendSchema(api, parse(sdl))
  for (const [name, { idArgument, query, source }] of Object.entries(sources)) {
    const field = schema.getSubscriptionType()?.getFields()[name]
    if (!field) throw new Error(`the Subscription type has no ${name}`)
    field.subscribe = (_root: unknown, given: Record<string, unknown>, context: SubscriptionContext) =>
      new UpdateStream(
        { query, id: String(given[idArgument]) },
        ({ id }, signal) => source({ ...given, id, after: given.after as string | null, context, signal }), // the schema checked it
      )
    field.resolve = (update: unknown) => update
  }
  for (const { type, field } of filledFields) fieldOf(schema, type, field).resolve = fillFromGraph
  return schema
}

/** What the graph answered is keyed by the names that the client chose; what the gateway made, by the schema's names. */
export const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, _given, _context, info) => {
  if (typeof source !== 'object' || source === null) return undefined
  const fields = source as Readonly<Record<string, unknown>> // an object has fields
  const { path, fieldName, parentType } = info
  const value = path.key in fields && !ownTypes.has(parentType.name) ? fields[path.key] : fields[fieldName]
  return typeof value === 'function' ? (value as () => unknown)() : value // a cursor is written when it is asked for
}

function fieldOf(
  schema: GraphQLSchema,
  type: string,
  field: string,
): GraphQLField<unknown, SubscriptionContext> {
  const object = schema.getType(type) as GraphQLObjectType | undefined // the SDL above made it one
  const found = object?.getFields()[field]
  if (!found) throw new Error(`the schema has no ${type}.${field}`)
  return found
}
