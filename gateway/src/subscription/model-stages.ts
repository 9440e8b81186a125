import { notFound } from '@ymir/graphql'
import { ModelStageAddedSchema, ModelStateChangedSchema } from '@ymir/proto-events'
import { z } from 'zod'
import { decoded } from '../feed/decoded.ts'
import { livesOf, type Position } from '../feed/position.ts'
import { Bell } from './bell.ts'
import type { Following, SubscriptionContext, Update } from './context.ts'
import { cursors, positionShape } from './cursor.ts'

const modelQuery = /* GraphQL */ `
  query StagesOfModel($id: ID!) {
    model(id: $id) {
      state
      stages {
        id
        savedAt
      }
    }
  }
`

interface ModelNow {
  readonly state: string
  readonly stages: readonly { readonly id: string; readonly savedAt: string }[]
}

/** `stage`: the last one told, while those that were there at the start are being told. */
const cursor = cursors('modelStages', z.object({ position: positionShape, stage: z.string().optional() }))
const finalStates = ['READY', 'FAILED', 'CANCELLED']

/** A model's stages: those that are there, oldest first, then each as it appears; ends when no more can come. */
export async function* modelStages({ id, after, context, signal }: Following): AsyncGenerator<Update> {
  const topic = { entityId: id }
  const { facts } = context
  const had = after ? cursor.read(id, after) : undefined
  const resumes = had && (await facts.canResume(had.position)) ? had : undefined
  const start = resumes?.position ?? (await facts.now())
  const reader = facts.read(topic, start)
  const bell = new Bell()
  const stopListening = facts.listen(topic, bell.ring)
  signal.addEventListener('abort', bell.ring)
  const tell = (stage: string, position: Position, isSnapshot: boolean): Update => ({
    key: `modelStages ${id} ${stage} ${isSnapshot} ${livesOf(position)}`,
    cursor: () => cursor.write(id, isSnapshot ? { position, stage } : { position }),
    stage: { __typename: 'ModelStage', id: stage },
  })

  try {
    const model = await readModel(id, context)
    const told = new Set<string>()
    const tellsSnapshot = !resumes || resumes.stage !== undefined
    if (tellsSnapshot) {
      const stages = [...model.stages].sort((one, other) => one.savedAt.localeCompare(other.savedAt))
      const seen = stages.findIndex((stage) => stage.id === resumes?.stage)
      for (const stage of stages) told.add(stage.id)
      for (const stage of stages.slice(seen + 1)) yield tell(stage.id, start, true)
    }
    while (!signal.aborted) {
      for (let fact = await reader.next(); fact && !signal.aborted; fact = await reader.next()) {
        const added = decoded(fact, ModelStageAddedSchema)
        if (added && !told.has(added.stageId)) yield tell(added.stageId, reader.position, false)
        if (finalStates.includes(decoded(fact, ModelStateChangedSchema)?.state ?? '')) return
      }
      // the snapshot was all; a client that resumes behind it still waits for the event that says so
      if (tellsSnapshot && finalStates.includes(model.state)) return
      await bell.rings()
    }
  } finally {
    stopListening()
    signal.removeEventListener('abort', bell.ring)
  }
}

async function readModel(id: string, { graph, subscriber }: SubscriptionContext): Promise<ModelNow> {
  const { model } = await graph.query<{ model: ModelNow | null }>(modelQuery, { id }, subscriber.context())
  if (!model) throw notFound('model', id)
  return model
}
