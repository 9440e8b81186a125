import type { Bus } from '@ymir/bus'
import type { GraphClient } from '@ymir/graphql'
import { IterationRecordedSchema } from '@ymir/proto-events'
import { Chore, forEachEvenIfSomeFail } from '@ymir/service'
import { LessThan, type DataSource, type EntityManager } from 'typeorm'
import { MiningChunkRow } from '../task/mining-chunk.entity.ts'
import { IterationRow } from './iteration.entity.ts'
import { stepsByIteration } from './iteration.ts'
import { inLine } from './line.ts'
import { readRecord, type RecordedRound, type RoundRecord } from './record.ts'
import { stateOfRound } from './step.ts'

interface Parts {
  readonly database: DataSource
  readonly bus: Bus
  readonly graph: GraphClient
}

/** Notes what each round brought and cost when it has ended. Recording the same round twice writes it once. */
export class Records {
  private readonly chore = new Chore('recording rounds', () => this.recordEnded())
  readonly look = this.chore.look
  readonly stop = this.chore.stop

  constructor(private readonly parts: Parts) {}

  private async recordEnded(): Promise<void> {
    const ended: { id: string }[] = await this.parts.database.query(
      `select iteration.id from iteration join iteration_step on iteration_id = iteration.id
        where record is null and name = 'TRAIN' and state = 'SUCCEEDED' order by round`,
    )
    await forEachEvenIfSomeFail(ended, ({ id }) => this.record(id))
  }

  private async record(id: string): Promise<void> {
    const { database, graph } = this.parts
    const iteration = await database.manager.findOneByOrFail(IterationRow, { id })
    const [steps = []] = await stepsByIteration(database.manager, [id])
    if (stateOfRound(steps) !== 'SUCCEEDED') return
    const mine = steps.find(({ name }) => name === 'MINE')
    const chunks = await database.manager.findBy(MiningChunkRow, { miningTaskId: mine?.outputId ?? '' })
    const jobIds = chunks.map(({ jobId }) => jobId)
    const before = await recordedBefore(database.manager, iteration)
    const record = await readRecord(graph, { iteration, steps, jobIds }, before)
    await database.transaction((manager) => this.store(manager, iteration, record))
  }

  private async store(manager: EntityManager, iteration: IterationRow, record: RoundRecord): Promise<void> {
    // a step that was run again meanwhile has taken its row's lock: then there is nothing to record yet
    const [written] = await manager.query<[unknown[], number]>(
      `update iteration set record = $2 where id = $1 and record is null
          and exists (select from iteration_step where iteration_id = $1 and name = 'TRAIN' and state = 'SUCCEEDED')
        returning id`,
      [iteration.id, JSON.stringify(record)],
    )
    if (!written.length) return
    const { gain, measured, boxCount } = record
    await this.parts.bus.emit(manager, IterationRecordedSchema, {
      ...{ projectId: iteration.projectId, iterationId: iteration.id, round: iteration.round },
      ...{ planId: iteration.planId ?? '', evaluationId: measured?.evaluationId ?? '' },
      ...{ gainLow: gain?.low, gainHigh: gain?.high, boxCount: BigInt(boxCount) },
    })
  }
}

/** The rounds of the line before this one that are recorded, first to last. */
async function recordedBefore(manager: EntityManager, iteration: IterationRow): Promise<RecordedRound[]> {
  const rows = await manager.find(IterationRow, {
    where: { ...inLine(iteration), round: LessThan(iteration.round) },
    order: { round: 'ASC' },
  })
  return rows.flatMap(({ round, record }) => (record ? [{ round, record }] : []))
}
