import type { Blobs } from '@ymir/blobs'
import type { Bus } from '@ymir/bus'
import { evaluateInWorker } from '@ymir/detection'
import type { GraphClient } from '@ymir/graphql'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { IsNull, Not, type DataSource } from 'typeorm'
import { ModelRow, ModelStageRow } from '../model/model.entity.ts'
import { EvaluationRow } from './evaluation.entity.ts'
import { endEvaluation } from './evaluation.ts'
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
    await forEachEvenIfSomeFail(waiting, (evaluation) => this.evaluate(evaluation))
  }

  private async evaluate({ id, stageId, versionId, predictionsSha256 }: EvaluationRow): Promise<void> {
    const { database, bus, graph, blobs } = this.parts
    const stage = await database.getRepository(ModelStageRow).findOneByOrFail({ id: stageId })
    const { classes } = await database.getRepository(ModelRow).findOneByOrFail({ id: stage.modelId })
    const truth = await readGroundTruth(graph, blobs, versionId)
    const detections = await readDetections(blobs, predictionsSha256 ?? '')
    const result = await evaluateInWorker(
      { labels: classes, detections, ...truth },
      { interval: { seed: 1 } },
    )
    const { AP50, AP } = result.summary
    await database.transaction(async (manager) => {
      const evaluation = await manager.findOneOrFail(EvaluationRow, {
        where: { id },
        lock: { mode: 'pessimistic_write' },
      })
      const problem =
        AP50 === null ? 'the dataset version has no ground truth of the classes of the model' : null
      await endEvaluation(manager, bus, evaluation, { result, map50: AP50, map: AP, problem })
    })
  }
}
