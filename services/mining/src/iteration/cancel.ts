import type { GraphClient } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { MiningTaskRow } from '../task/mining-task.entity.ts'
import type { IterationStepRow } from './iteration.entity.ts'

const cancelJob = /* GraphQL */ `
  mutation CancelJobOfStep($id: ID!) {
    cancelJob(input: { id: $id }) {
      job {
        id
      }
    }
  }
`
const cancelLabellingTask = /* GraphQL */ `
  mutation CancelLabellingOfStep($id: ID!) {
    cancelLabellingTask(input: { taskId: $id }) {
      task {
        id
      }
    }
  }
`
const jobOfModel = /* GraphQL */ `
  query JobOfModel($id: ID!) {
    model(id: $id) {
      jobId
    }
  }
`

/** Stops what a cancelled step had asked for; dataset versions are made too quickly to be stopped. */
export async function cancelOutput(
  step: IterationStepRow,
  graph: GraphClient,
  manager: EntityManager,
): Promise<void> {
  const id = step.outputId ?? ''
  if (step.name === 'LABEL') await graph.query(cancelLabellingTask, { id })
  if (step.name === 'MINE') {
    const task = await manager.findOneByOrFail(MiningTaskRow, { id })
    await graph.query(cancelJob, { id: task.jobId })
  }
  if (step.name === 'TRAIN') {
    const { model } = await graph.query<{ model: { jobId: string } | null }>(jobOfModel, { id })
    if (model) await graph.query(cancelJob, { id: model.jobId })
  }
}
