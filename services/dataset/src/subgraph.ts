import type { Subgraph } from '@ymir/graphql'
import type { DatasetContext } from './context.ts'
import {
  DatasetResolver,
  loadById,
  loadDataset,
  loadProject,
  loadVersion,
} from './dataset/dataset.resolver.ts'
import { ExportResolver } from './export/export.resolver.ts'
import { Import } from './import/import.entity.ts'
import { ImportReportResolver, ImportResolver } from './import/import.resolver.ts'
import { InspectionResolver } from './import/inspection.resolver.ts'
import { Label } from './label/label.entity.ts'
import { LabelResolver } from './label/label.resolver.ts'
import { AssetPredictionsResolver, VersionPredictionsResolver } from './prediction/prediction.resolver.ts'
import { ProjectResolver } from './project/project.resolver.ts'
import { BrowseResolver } from './version/browse.resolver.ts'
import { OperationResolver } from './version/operation.resolver.ts'
import { VersionResolver } from './version/version.resolver.ts'

type Reference = { readonly id: string }

/** The dataset service's part of the graph. */
export const subgraph: Subgraph = {
  name: 'dataset',
  resolvers: [
    ProjectResolver,
    LabelResolver,
    DatasetResolver,
    VersionResolver,
    BrowseResolver,
    OperationResolver,
    ImportResolver,
    ImportReportResolver,
    InspectionResolver,
    VersionPredictionsResolver,
    AssetPredictionsResolver,
    ExportResolver,
  ],
  references: {
    Label: ({ id }: Reference, context: DatasetContext) => loadById(context, Label, id),
    Project: ({ id }: Reference, context: DatasetContext) => visible(context, id, loadProject(context, id)),
    Dataset: async ({ id }: Reference, context: DatasetContext) =>
      ofProject(context, await loadDataset(context, id)),
    DatasetVersion: async ({ id }: Reference, context: DatasetContext) =>
      ofProject(context, await loadVersion(context, id)),
    Import: async ({ id }: Reference, context: DatasetContext) =>
      ofProject(context, await loadById(context, Import, id)),
  },
}

function ofProject<Row extends { projectId: string }>(
  context: DatasetContext,
  row: Row | null,
): Promise<Row | null> {
  return row ? visible(context, row.projectId, Promise.resolve(row)) : Promise.resolve(null)
}

/** Another service's field may lead to a thing; whether the caller may see it is decided here all the same. */
async function visible<Row>(
  context: DatasetContext,
  projectId: string,
  row: Promise<Row | null>,
): Promise<Row | null> {
  await context.access.requireProject(projectId, 'VIEWER')
  return row
}
