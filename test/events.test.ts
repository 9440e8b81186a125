import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  decodeEvent,
  definitionOfType,
  encodeEvent,
  eventDefinitions,
  subjectOf,
  type EventDefinition,
} from '@ymir/proto-events'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  aStart,
  firstRound,
  startIteration,
  trainFirst,
  whenIterationEnded,
  whenModelEnded,
} from './testing/loop.ts'
import { services } from './testing/outboxes.ts'
import { aPlatform, type TestPlatform } from './testing/platform.ts'
import { openStreams, type Message } from './testing/stream.ts'

// What one round of the loop leaves on the bus, held against the contracts in proto-events.

let ymir: TestPlatform
let streams: Awaited<ReturnType<typeof openStreams>>
let projectId: string
let facts: Message[]
let telemetry: Message[]

beforeAll(async () => {
  ymir = await aPlatform()
  const { client } = ymir
  const start = await aStart(client, 'Shapes by contract')
  ;({ projectId } = start)
  const { id } = await trainFirst(client, start)
  expect(await whenModelEnded(client, id)).toMatchObject({ state: 'READY' })
  const iteration = await startIteration(client, projectId, firstRound(start, id))
  expect(await whenIterationEnded(client, iteration)).toMatchObject({ state: 'SUCCEEDED' })
  const opened = await openStreams(ymir.platform.natsUrl)
  streams = opened
  const isRecorded = async () =>
    (await opened.facts()).some((one) => typeOf(one) === 'ymir.iteration.recorded.v1')
  await waitUntil('the round to be recorded', isRecorded, { timeoutMs: 60_000 })
  await streams.whenAllTaken()
  ;[facts, telemetry] = [await streams.facts(), await streams.telemetry()]
}, 180_000)
afterAll(async () => {
  await streams?.close()
  await ymir?.stop()
}, 60_000)

const typeOf = ({ headers }: Message) => headers['ce-type'] ?? ''
/** @throws Error for a type that no contract has */
function definitionFor(message: Message): EventDefinition {
  const definition = definitionOfType(typeOf(message))
  if (!definition) throw new Error(`no contract has the type ${typeOf(message)} of ${message.subject}`)
  return definition
}
const writerOf = ({ headers }: Message) => headers['ce-source']?.replace('/ymir/', '') ?? ''
const factsOf = (type: string) => facts.filter((one) => typeOf(one) === `ymir.${type}.v1`)

/** Said of failures, by administrators, of plans and vendors, when people share, name or delete things, or where a job waits or runs long enough: other tests hear these. */
const occasional = [
  ...['dataset_version.failed', 'dataset_version.tagged', 'dataset.shared', 'dataset.deleted'],
  ...['executor_image.state_changed', 'executor_image.pulled', 'project.job_limit_set'],
  ...['labelling_task.assigned', 'labelling_task.stuck'], // of vendors: services/labeling/src/vendor
  ...['job.retried', 'job.moved', 'job.queued', 'job.resources_measured'],
  ...['plan.state_changed', 'labelling_task.assigned', 'labelling_task.stuck'],
].map((name) => `ymir.${name}.v1`)

test('one round says every kind of event, but the occasional ones', () => {
  const said = new Set([...facts, ...telemetry].map(typeOf))
  const unsaid = eventDefinitions.map(({ type }) => type).filter((type) => !said.has(type))
  expect(unsaid.filter((type) => !occasional.includes(type))).toEqual([])
})

test('each event is a CloudEvent with an id of its own', () => {
  const all = [...facts, ...telemetry]
  expect(new Set(all.map(({ headers }) => headers['ce-id'])).size).toBe(all.length)
  for (const message of all) {
    const { projectId: project, [definitionFor(message).entityIdField]: entity } = message.data
    expect(message.headers).toMatchObject({
      'ce-specversion': '1.0',
      'ce-source': `/ymir/${writerOf(message)}`,
      'ce-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
      'ce-subject': entity,
      'ce-projectid': project,
      'content-type': 'application/json',
    })
  }
})

test('each event is what its contract says, no field more and none less', () => {
  for (const message of [...facts, ...telemetry]) {
    const { schema } = definitionFor(message)
    const event = decodeEvent(schema, message.data as never) // JSON, read from the stream
    expect(encodeEvent(schema, event)).toEqual(message.data)
  }
})

test('each event is on the subject that its contract and the AsyncAPI document give it', () => {
  const file = new URL('../proto-events/asyncapi.yaml', import.meta.url)
  interface Document {
    channels: Record<string, { address: string; tags: { name: string }[] }>
  }
  const { channels } = parse(readFileSync(file, 'utf8')) as Document // generated, with a test of its own
  const addresses = (isTelemetry: boolean) =>
    Object.values(channels)
      .filter(({ tags }) => tags.some(({ name }) => name === 'telemetry') === isTelemetry)
      .map(({ address }) => new RegExp(`^${address.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[\\w-]+')}$`))
  for (const [messages, allowed] of [
    [facts, addresses(false)],
    [telemetry, addresses(true)],
  ] as const)
    for (const message of messages) {
      const { schema, entityIdField } = definitionFor(message)
      const { projectId: project, [entityIdField]: entity } = message.data
      expect(message.subject).toBe(subjectOf(writerOf(message), schema, String(project), String(entity)))
      expect(allowed.filter((address) => address.test(message.subject))).toHaveLength(1)
    }
})

/** Fields that a reader relies on: never empty, beside the ids of project and entity. */
const required: Readonly<Record<string, readonly string[]>> = {
  'project.created': ['name', 'classes', 'actorId'],
  'import.state_changed': ['datasetId', 'state', 'actorId'],
  'dataset_version.requested': ['actorId'],
  'dataset_version.created': ['datasetId', 'datasetName', 'number', 'operation', 'root', 'actorId'],
  'training.requested': ['name', 'trainingVersionId', 'testVersionId', 'executorImageId', 'actorId'],
  'model.state_changed': ['state', 'name', 'actorId'],
  'model_stage.added': ['stageId', 'name', 'reportedMap'],
  'evaluation.state_changed': ['stageId', 'versionId', 'state'],
  'job.requested': ['executorImageId', 'kinds', 'classNames', 'actorId'],
  'job.state_changed': ['kinds', 'to'],
  'job.stage_saved': ['stageName', 'files', 'metrics', 'savedAt'],
  'mining_task.state_changed': ['iterationId', 'state'],
  'iteration.step_changed': ['round', 'step', 'state', 'outputId'],
  'labelling_task.requested': ['name', 'versionId', 'classes', 'automaticLabellerId', 'actorId'],
  'labelling_task.state_changed': ['state'],
  'labelling_task.progressed': ['itemCount'],
  'membership.changed': ['role', 'actorId'],
}

test('each event has the fields that its readers rely on', () => {
  for (const [type, fields] of Object.entries(required)) {
    expect(factsOf(type).length).toBeGreaterThan(0)
    for (const { data } of factsOf(type))
      for (const field of fields)
        expect({ type, [field]: isFilled(data[field]) }).toEqual({ type, [field]: true })
  }
})

test('each success tells what came of it', () => {
  const having = (type: string, where: object) => {
    const found = factsOf(type).filter(({ data }) =>
      Object.entries(where).every(([field, value]) => data[field] === value),
    )
    return found.map(({ data }) => data)
  }
  const filled = (all: Message['data'][], ...fields: string[]) =>
    all.map((data) => fields.filter((field) => !isFilled(data[field])))
  const none = (count: number): string[][] => Array.from({ length: count }, () => [])
  expect(filled(having('import.state_changed', { state: 'SUCCEEDED' }), 'versionId')).toEqual(none(4))
  expect(filled(having('job.state_changed', { to: 'SUCCEEDED' }), 'result')).toEqual(none(5))
  expect(filled(having('model.state_changed', { state: 'READY' }), 'bestStageId', 'map50')).toEqual(none(2))
  expect(filled(having('evaluation.state_changed', { state: 'SUCCEEDED' }), 'map50', 'map')).toEqual(none(2))
  expect(
    filled(having('mining_task.state_changed', { state: 'SUCCEEDED' }), 'versionId', 'assetCount'),
  ).toEqual(none(1))
  expect(filled(having('labelling_task.state_changed', { state: 'SUCCEEDED' }), 'versionId')).toEqual(none(1))
})

const unknown = { colour: 'green', addedLater: { nested: [1, 'two', null] } }
/** As a newer version of the writer would say it, with fields that nobody knows yet, under an id of its own. */
const newer = ({ data, headers, subject }: Message): Message => ({
  ...{ subject, data: { ...data, ...unknown } },
  headers: { ...headers, 'ce-id': randomUUID(), 'ce-addedlater': 'yes' },
})

test('what a newer version says again changes nothing, and types that nobody knows disturb nobody', async () => {
  const before = [await holdings(), complaints()]
  for (const message of facts) await streams.publish(newer(message))
  for (const type of ['ymir.job.exploded.v1', 'ymir.job.state_changed.v2']) {
    const { subject, headers } = factsOf('job.state_changed')[0]!
    await streams.publish({
      subject,
      headers: { ...headers, 'ce-id': randomUUID(), 'ce-type': type },
      data: {},
    })
  }
  const { subject } = facts[0]!
  await streams.publish({ subject, headers: { 'ce-id': randomUUID() }, data: { noCloudEvent: true } })

  await streams.whenAllTaken()
  expect([await holdings(), complaints()]).toEqual(before)
}, 60_000)

test.each([
  ['newer', newer],
  ['older', older],
])('what is asked for by a(n) %s version of a service is made', async (_, said) => {
  const asked: [type: string, entity: string, query: string][] = [
    ['dataset_version.requested', 'versionId', 'made: datasetVersion(id: $id) { id }'],
    ['labelling_task.requested', 'labellingTaskId', 'made: labellingTask(id: $id) { id }'],
    ['training.requested', 'modelId', 'made: model(id: $id) { id }'],
    ['job.requested', 'jobId', 'made: job(id: $id) { id }'],
  ]
  for (const [type, entity, selection] of asked) {
    const id = randomUUID()
    const { subject, headers, data } = factsOf(type)[0]!
    const again = { headers, subject: subject.replace(/[^.]+$/, id), data: { ...data, [entity]: id } }
    const { headers: fresh, ...message } = said(again)
    await streams.publish({ ...message, headers: { ...fresh, 'ce-subject': id } })
    const query = `query ($id: ID!) { ${selection} }`
    await waitUntil(
      `${type} by another version to be fulfilled`,
      async () => (await ymir.client.ask<{ made: { id: string } | null }>(query, { id })).made?.id === id,
      { timeoutMs: 15_000 },
    )
  }
  await streams.whenAllTaken()
})

/** As a version without our optional fields would say it: only what is not at its default. */
function older({ data, headers, subject }: Message): Message {
  const kept = Object.entries(data).filter(([, value]) => isFilled(value))
  return { subject, data: Object.fromEntries(kept), headers: { ...headers, 'ce-id': randomUUID() } }
}

function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  return !['', 0, '0', false, null, undefined].includes(value as never) // includes takes any value
}

/** Everything that the loop made. */
async function holdings(): Promise<object> {
  const query = `query ($id: ID!) {
    project(id: $id) {
      classes
      datasets(first: 100) { edges { node { name versions { totalCount } } } }
      models { edges { node { state map50 bestStage { id } stages { name best } evaluations { state map50 } } } }
      miningTasks { edges { node { state } } }
      labellingTasks { edges { node { state doneCount result { id } } } }
      iterations { state steps { name state assetCount } }
      members { role }
    }
    jobs(projectId: $id) { edges { node { id state } } }
  }`
  return ymir.client.ask(query, { id: projectId })
}

/** How often each service said that it could not handle an event. */
function complaints(): Record<string, number> {
  const logOf = (service: string) => readFileSync(join(ymir.home, 'logs', `${service}.log`), 'utf8')
  const counts = services.map((service) => [service, logOf(service).split('will be tried again').length - 1])
  return Object.fromEntries(counts) as Record<string, number> // pairs of the two
}
