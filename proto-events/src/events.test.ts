import { describe, expect, test } from 'vitest'
import {
  decodeEvent,
  definitionOf,
  definitionOfType,
  encodeEvent,
  entityIdOf,
  eventDefinitions,
  InvalidEvent,
  JobFailureSchema,
  JobProgressedSchema,
  JobRequestedSchema,
  JobStageSavedSchema,
  JobStateChangedSchema,
  parseSubject,
  streams,
  subjectFilter,
  subjectOf,
  typeOf,
} from './index.ts'

const projectId = 'c8a1f0de-1d4c-4b2e-9f7a-0a4a2f3a7d11'
const jobId = '0f3a9be2-77a3-4f5d-8d35-6a1f7c2b9e50'

describe('definitions', () => {
  test('are read from the contracts', () => {
    expect(definitionOf(JobStateChangedSchema)).toMatchObject({
      type: 'ymir.job.state_changed.v1',
      entity: 'job',
      event: 'state_changed',
      service: 'executor',
      writers: ['executor'],
      entityIdField: 'jobId',
      telemetry: false,
    })
    expect(definitionOf(JobProgressedSchema).telemetry).toBe(true)
  })

  test('have one type each, by which they are found', () => {
    expect(new Set(eventDefinitions.map(({ type }) => type)).size).toBe(eventDefinitions.length)
    for (const definition of eventDefinitions) expect(definitionOfType(definition.type)).toBe(definition)
    expect(definitionOfType('ymir.job.exploded.v9')).toBeUndefined()
  })

  test('a part of an event is not an event', () => {
    expect(() => typeOf(JobFailureSchema)).toThrow(/JobFailure is not an event/)
  })
})

describe('subjects', () => {
  test('tell writer, entity, event, project and id, and are read back', () => {
    const subject = subjectOf('executor', JobStateChangedSchema, projectId, jobId)
    expect(subject).toBe(`ymir.executor.job.state_changed.${projectId}.${jobId}`)
    expect(parseSubject(subject)).toEqual({
      writer: 'executor',
      entity: 'job',
      event: 'state_changed',
      projectId,
      entityId: jobId,
    })
  })

  test.each(['', 'a.b', 'a b', '*', 'a>', 'ü', 'a\n'])('an id %j is refused, the field named', (id) => {
    expect(() => subjectOf('executor', JobStateChangedSchema, projectId, id)).toThrow(/jobId .* cannot stand/)
    expect(() => subjectOf('executor', JobStateChangedSchema, id, jobId)).toThrow(/projectId .* cannot stand/)
  })

  test('a service may write its own events only', () => {
    expect(() => subjectOf('mining', JobStateChangedSchema, projectId, jobId)).toThrow(
      /mining may not write.*executor/,
    )
    expect(subjectOf('mining', JobRequestedSchema, projectId, jobId)).toContain('ymir.mining.job.requested.')
  })

  test('filters leave open what is not given', () => {
    expect(subjectFilter({ projectId })).toBe(`ymir.*.*.*.${projectId}.*`)
    expect(subjectFilter({ entity: 'job', entityId: jobId })).toBe(`ymir.*.job.*.*.${jobId}`)
  })

  test.each([
    '',
    'ymir',
    'other.executor.job.state_changed.p.j',
    'ymir.a.b.c.d',
    'ymir.a.b.c.d.e.f',
    'ymir.a..c.d.e',
  ])('%j is not an event', (subject) => expect(parseSubject(subject)).toBeUndefined())
})

describe('streams', () => {
  test('keep every event once, telemetry apart from facts', () => {
    const all = [...streams.events.subjects, ...streams.telemetry.subjects]
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBe(eventDefinitions.flatMap(({ writers }) => writers).length)
    expect(streams.telemetry.subjects).toContain('ymir.executor.job.progressed.*.*')
    expect(streams.events.subjects).toContain('ymir.executor.job.state_changed.*.*')
    expect(streams.events.subjects).toContain('ymir.mining.job.requested.*.*')
  })
})

describe('wire form', () => {
  test('an event survives the way through JSON', () => {
    const sent = {
      projectId,
      jobId,
      stageName: 'best',
      metrics: { mAP: 0.5 },
      savedAt: 1700000000n,
      best: true,
    }
    const received = decodeEvent(JobStageSavedSchema, throughText(encodeEvent(JobStageSavedSchema, sent)))
    expect(received).toMatchObject(sent)
  })

  test('defaults are written out, absent messages are not', () => {
    expect(encodeEvent(JobStateChangedSchema, { projectId, jobId, to: 'QUEUED' })).toEqual({
      projectId,
      jobId,
      kinds: [],
      from: '',
      to: 'QUEUED',
      attempt: 0,
      imageDigest: '',
    })
  })

  test('an old reader survives new fields', () => {
    const json = { projectId, jobId, progress: 0.5, colour: 'blue', nested: { deep: [1] } }
    expect(decodeEvent(JobProgressedSchema, json).progress).toBe(0.5)
  })

  test('a new reader survives old writers', () => {
    expect(decodeEvent(JobProgressedSchema, { projectId, jobId }).message).toBe('')
  })

  test('an event without its ids is refused', () => {
    expect(() => encodeEvent(JobProgressedSchema, { projectId, progress: 1 })).toThrow(
      /JobProgressed: jobId is empty/,
    )
    expect(() => encodeEvent(JobProgressedSchema, { jobId })).toThrow(/projectId is empty/)
    expect(() => entityIdOf(JobProgressedSchema, { projectId })).toThrow(InvalidEvent)
  })

  test('a field of the wrong type is named', () => {
    expect(() => decodeEvent(JobProgressedSchema, { projectId, jobId, progress: 'far' })).toThrow(
      /ymir\.executor\.v1\.JobProgressed.*progress/,
    )
  })
})

function throughText<T>(json: T): T {
  return JSON.parse(JSON.stringify(json)) as T // the same JSON, copied as a wire would
}
