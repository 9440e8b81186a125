import { createHash } from 'node:crypto'
import type { Bus } from '@ymir/bus'
import { DomainError } from '@ymir/graphql'
import {
  decodeVendorMessage,
  encodeVendorMessage,
  InvalidEvent,
  VendorResultsRecordedSchema,
  VendorResultsSubmittedSchema,
  vendorTypeOf,
  type MessageShape,
} from '@ymir/proto-events'
import { isUUID } from 'class-validator'
import type { JsMsg } from 'nats'
import type { DataSource } from 'typeorm'
import { mostAnnotations } from '../item/annotation.ts'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { recordResults, type VendorOutcome, type VendorResult } from './results.ts'
import type { VendorStream } from './vendor-stream.ts'

/** What came is told back no longer than this: the answer to a message is never much larger than the message. */
const longestEcho = 100

export interface ResultsDesk {
  readonly database: DataSource
  readonly bus: Bus
  readonly stream: Pick<VendorStream, 'publish'>
  readonly onResults: (task: LabellingTaskRow) => void
}

/**
 * Takes results that came over NATS, and tells the vendor what became of each. What cannot be read is refused, not tried
 * again.
 * @throws Error when nothing was recorded, or the vendor could not be told: the message is to come again
 */
export async function takeResults(
  { database, bus, stream, onResults }: ResultsDesk,
  vendorId: string,
  message: Pick<JsMsg, 'data' | 'headers' | 'seq'>,
): Promise<void> {
  if (!isUUID(vendorId)) return
  let taskId = ''
  let outcomes: VendorOutcome[] = []
  let problem = ''
  try {
    const submitted = read(message.data)
    taskId = submitted.labellingTaskId
    const recorded = await recordResults({ database, bus }, vendorId, taskId, submitted.results.map(resultOf))
    outcomes = recorded.outcomes
    onResults(recorded.task)
  } catch (error) {
    if (!(error instanceof DomainError || error instanceof InvalidEvent)) throw error
    problem = error.message
  }
  const data = encodeVendorMessage(VendorResultsRecordedSchema, {
    vendorId,
    labellingTaskId: taskId.slice(0, longestEcho),
    resultsId: (message.headers?.get('Nats-Msg-Id') ?? '').slice(0, longestEcho),
    outcomes: outcomes.map((one) => ({ ...one, problem: one.problem ?? '' })),
    problem,
  })
  const told = await stream.publish({
    id: idOf(vendorId, message.seq),
    vendorId,
    taskId: isUUID(taskId) ? taskId : vendorId,
    type: vendorTypeOf(VendorResultsRecordedSchema),
    data,
    occurredAt: new Date(),
  })
  if (told.problem) throw new Error(told.problem)
}

type Submitted = MessageShape<typeof VendorResultsSubmittedSchema>

/** @throws InvalidEvent */
function read(bytes: Uint8Array): Submitted {
  let json
  try {
    json = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    throw new InvalidEvent('the results are not JSON')
  }
  const submitted = decodeVendorMessage(VendorResultsSubmittedSchema, json)
  const tooMany = submitted.results.find(({ annotations }) => annotations.length > mostAnnotations)
  if (tooMany) throw new InvalidEvent(`image ${tooMany.itemId} has more than ${mostAnnotations} annotations`)
  return submitted
}

function resultOf({
  revision,
  annotations,
  skipReason,
  seconds,
  ...result
}: Submitted['results'][number]): VendorResult {
  const itemId = result.itemId.slice(0, longestEcho)
  const base = { itemId, revision, seconds: seconds ?? null }
  if (skipReason) return { ...base, annotations: null, skipReason: skipReason.slice(0, 500) }
  const drawn = annotations.map(({ label, box, rotation, difficult, truncated, crowd }) => {
    const { x, y, width, height } = box ?? { x: NaN, y: NaN, width: NaN, height: NaN } // refused as no box
    return { label, box: { x, y, width, height }, rotation, difficult, truncated, crowd }
  })
  return { ...base, annotations: drawn, skipReason: null }
}

/** The same when the message comes again, so that the vendor is told once. */
function idOf(vendorId: string, seq: number): string {
  return createHash('sha256').update(`results ${vendorId} ${seq}`).digest('hex').slice(0, 32)
}
