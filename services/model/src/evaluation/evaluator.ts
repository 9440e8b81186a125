import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { evaluateInWorker } from '@ymir/detection'
import type { GraphClient } from '@ymir/graphql'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { IsNull, Not, type DataSource } from 'typeorm'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { EvaluationRow } from './evaluation.entity.ts'
import { endEvaluation, type Outcome } from './evaluation.ts'
import { readDetections, readGroundTruth } from './test-set.ts'

interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: GraphClient
  readonly blobs: Blobs
}

/** Compares predictions with the ground truth of a dataset version, off the event loop; begins again after a restart. */
export class Evaluator {
  private readonly chore = new Chore('evaluating', () => this.evaluateWaiting())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly parts: Parts) {}

  private async evaluateWaiting(): Promise<void> {
    const evaluations = this.parts.database.getRepository(EvaluationRow)
    const waiting = await evaluations.findBy({ state: 'RUNNING', predictionsSha256: Not(IsNull()) })
    await forEachEvenIfSomeFail(waiting, async (evaluation) =>
      this.end(evaluation, await this.outcomeOf(evaluation)),
    )
  }

  /** What goes wrong again at each try is an outcome too; other errors (the gateway is away) are thrown. */
  private async outcomeOf(evaluation: EvaluationRow): Promise<Outcome> {
    try {
      return await this.evaluate(evaluation)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      if (code !== 'NOT_FOUND' && code !== 'BLOB_MISSING' && code !== 'BAD_EVALUATION_INPUT') throw error
      return { problem: (error as Error).message } // it has a code, so it is one
    }
  }

  private async evaluate({ stageId, versionId, predictionsSha256 }: EvaluationRow): Promise<Outcome> {
    const { database, graph, blobs } = this.parts
    const stage = await database.getRepository(ModelStageRow).findOneByOrFail({ id: stageId })
    const { classes } = await database.getRepository(ModelRow).findOneByOrFail({ id: stage.modelId })
    const truth = await readGroundTruth(graph, blobs, versionId)
    const detections = await readDetections(blobs, predictionsSha256 ?? '')
    const result = await evaluateInWorker(
      { labels: classes, detections, ...truth },
      { interval: { seed: 1 } },
    )
    const { AP50, AP } = result.summary
    const problem =
      AP50 === null ? 'the dataset version has no ground truth of the classes of the model' : null
    return { result, map50: AP50, map: AP, problem }
  }

  private async end({ id }: EvaluationRow, outcome: Outcome): Promise<void> {
    const { database, bus } = this.parts
    await database.transaction(async (manager) => {
      const evaluation = await manager.findOneOrFail(EvaluationRow, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      })
      await endEvaluation(manager, bus, evaluation, outcome)
    })
  }
}
