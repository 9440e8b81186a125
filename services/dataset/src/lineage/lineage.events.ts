import type { Bus } from '@ymir/bus'
import {
  JobRequestedSchema,
  LabellingTaskStateChangedSchema,
  MiningTaskStateChangedSchema,
  ModelStateChangedSchema,
} from '@ymir/proto-events'
import type { NodeKind, NodeRef } from './edge.ts'
import { recordEdges } from './edge.store.ts'

/** Hears what other services make of versions, and which versions they have made. Before the bus starts. */
export function listenForLineage(bus: Bus): void {
  bus.handle(JobRequestedSchema, (event, { manager }) => {
    const job = node('JOB', event.jobId)
    const reads = event.kinds.includes('MINING') ? 'MINED_FROM' : 'INFERRED_ON'
    return recordEdges(manager, event.projectId, [
      { from: node('VERSION', event.trainingVersionId), to: job, role: 'TRAINED_ON' },
      { from: node('VERSION', event.validationVersionId), to: job, role: 'TESTED_ON' },
      { from: node('VERSION', event.candidateVersionId), to: job, role: reads },
    ])
  })

  bus.handle(ModelStateChangedSchema, (event, { manager }) => {
    const model = node('MODEL', event.modelId)
    return recordEdges(manager, event.projectId, [
      { from: node('VERSION', event.trainingVersionId), to: model, role: 'TRAINED_ON' },
      { from: node('VERSION', event.testVersionId), to: model, role: 'TESTED_ON' },
      { from: node('JOB', event.jobId), to: model, role: 'MADE_BY' },
    ])
  })

  bus.handle(MiningTaskStateChangedSchema, (event, { manager }) => {
    const task = node('MINING_TASK', event.miningTaskId)
    return recordEdges(manager, event.projectId, [
      { from: node('VERSION', event.sourceVersionId), to: task, role: 'MINED_FROM' },
      { from: node('JOB', event.jobId), to: task, role: 'MADE_BY' },
      { from: task, to: node('VERSION', event.versionId), role: 'MADE_BY' },
    ])
  })

  bus.handle(LabellingTaskStateChangedSchema, (event, { manager }) => {
    const task = node('LABELLING_TASK', event.labellingTaskId)
    return recordEdges(manager, event.projectId, [
      { from: node('VERSION', event.sourceVersionId), to: task, role: 'LABELLED_FROM' },
      { from: task, to: node('VERSION', event.versionId), role: 'MADE_BY' },
    ])
  })
}

function node(kind: NodeKind, id: string): NodeRef {
  return { kind, id }
}
