import type { Subgraph } from '@ymir/graphql'
import type { MiningContext } from './context.ts'
import { IterationResolver, IterationStepResolver } from './iteration/iteration.resolver.ts'
import { IterationRow, IterationStepRow } from './iteration/iteration.entity.ts'
import { MinedAssetRow, MiningTaskRow } from './task/mining-task.entity.ts'
import { MinedDuplicateRow } from './task/mined-duplicate.entity.ts'
import { MiningChunkRow } from './task/mining-chunk.entity.ts'
import { findIteration } from './iteration/iteration.loader.ts'
import { ProjectIterationsResolver, RoundResolver } from './iteration/rounds.resolver.ts'
import { PlanRow } from './plan/plan.entity.ts'
import { findPlan, IterationPlanResolver, PlanResolver, ProjectPlansResolver } from './plan/plan.resolver.ts'
import { User } from './stubs.ts'
import { MiningTasksByDayResolver } from './task/by-day.resolver.ts'
import {
  findMiningTask,
  JobMiningTaskResolver,
  MiningTaskResolver,
  ProjectMiningTasksResolver,
} from './task/mining-task.resolver.ts'
import { PreAnnotationResolver } from './task/pre-annotation.resolver.ts'

export const entities = [
  IterationRow,
  IterationStepRow,
  PlanRow,
  MiningTaskRow,
  MiningChunkRow,
  MinedAssetRow,
  MinedDuplicateRow,
]

export const subgraph: Subgraph = {
  name: 'mining',
  resolvers: [
    IterationResolver,
    IterationStepResolver,
    ProjectIterationsResolver,
    RoundResolver,
    PlanResolver,
    IterationPlanResolver,
    ProjectPlansResolver,
    MiningTaskResolver,
    JobMiningTaskResolver,
    MiningTasksByDayResolver,
    PreAnnotationResolver,
    ProjectMiningTasksResolver,
  ],
  extended: [User],
  references: {
    Iteration: ({ id }: { id: string }, context: MiningContext) => findIteration(id, context),
    Plan: ({ id }: { id: string }, context: MiningContext) => findPlan(id, context),
    MiningTask: ({ id }: { id: string }, context: MiningContext) => findMiningTask(id, context),
    User: (user: { id: string }) => user,
    Job: (job: { id: string }) => job,
    Project: (project: { id: string }) => project,
  },
}
