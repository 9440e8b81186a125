import type { Subgraph } from '@ymir/graphql'
import type { ModelContext } from './context.ts'
import { ConfusionResolver } from './evaluation/confusion.resolver.ts'
import { EvaluationRow } from './evaluation/evaluation.entity.ts'
import {
  EvaluationResolver,
  findEvaluation,
  VersionEvaluationsResolver,
} from './evaluation/evaluation.resolver.ts'
import { InferenceRow } from './inference/inference.entity.ts'
import { InferenceResolver, InferredPhotoResolver } from './inference/inference.resolver.ts'
import { ModelsByDayResolver } from './model/by-day.resolver.ts'
import { JobWorkResolver } from './model/job.resolver.ts'
import { ProjectBestModelResolver } from './model/project-models.resolver.ts'
import { ModelRow, ModelStageRow } from './model/model.entity.ts'
import { findModel, ModelResolver, ProjectModelsResolver } from './model/model.resolver.ts'
import { findStage, ModelStageResolver } from './model/stage.resolver.ts'

export const entities = [ModelRow, ModelStageRow, EvaluationRow, InferenceRow]

export const subgraph: Subgraph = {
  name: 'model',
  resolvers: [
    ModelResolver,
    ModelStageResolver,
    ModelsByDayResolver,
    JobWorkResolver,
    ProjectModelsResolver,
    ProjectBestModelResolver,
    EvaluationResolver,
    ConfusionResolver,
    VersionEvaluationsResolver,
    InferenceResolver,
    InferredPhotoResolver,
  ],
  references: {
    Model: ({ id }: { id: string }, context: ModelContext) => findModel(id, context),
    ModelStage: ({ id }: { id: string }, context: ModelContext) => findStage(id, context),
    Evaluation: ({ id }: { id: string }, context: ModelContext) => findEvaluation(id, context),
    Project: (project: { id: string }) => project,
    User: (user: { id: string }) => user,
    Job: (job: { id: string }) => job,
    DatasetVersion: (version: { id: string }) => version,
  },
}
