import type { Bus } from '@ymir/bus'
import { ExecutorImagePulledSchema, ExecutorImageStateChangedSchema } from '@ymir/proto-events'
import type { EntityManager } from 'typeorm'
import type { Emit } from '../job/transition.ts'
import type { ExecutorImage } from './image.entity.ts'

/** Where events have their project: executor images belong to none. */
const platform = 'platform'

/** Says how an image stands now, in the transaction that made it so. */
export async function sayImageStateChanged(
  manager: EntityManager,
  bus: Emit,
  { id, name, state, problem, digest }: Pick<ExecutorImage, 'id' | 'name' | 'state' | 'problem' | 'digest'>,
): Promise<void> {
  await bus.emit(manager, ExecutorImageStateChangedSchema, {
    projectId: platform,
    executorImageId: id,
    name,
    state,
    problem: problem ? { ...problem } : undefined,
    digest: digest ?? '',
  })
}

/** Tells how far a pull is. */
export function tellPulled(bus: Pick<Bus, 'telemetry'>, executorImageId: string, progress: number): void {
  bus.telemetry(ExecutorImagePulledSchema, { projectId: platform, executorImageId, progress })
}
