import type { Subgraph } from '@ymir/graphql'
import { AnnotationResolver, AssetPositionResolver, VersionAssetResolver } from './asset/asset.resolver.ts'
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
import { LineageResolver } from './lineage/lineage.resolver.ts'
import { Merge } from './merge/merge.entity.ts'
import { MergeResolver } from './merge/merge.resolver.ts'
import { AssetPredictionsResolver, VersionPredictionsResolver } from './prediction/prediction.resolver.ts'
import { ProjectOverviewResolver } from './project/overview.resolver.ts'
import { ProjectResolver } from './project/project.resolver.ts'
import { requireReadable } from './sharing/readable.ts'
import { SharingResolver } from './sharing/sharing.resolver.ts'
import { DatasetTagsResolver, TagResolver, VersionTagsResolver } from './tag/tag.resolver.ts'
import { LikenessResolver, SimilarResolver } from './similarity/similarity.resolver.ts'
import { StorageResolver } from './storage/storage.resolver.ts'
import { UsageResolver } from './storage/usage.resolver.ts'
import { DeleteDatasetResolver } from './dataset/delete.resolver.ts'
import { BrowseResolver } from './version/browse.resolver.ts'
import { VersionsByDayResolver } from './version/by-day.resolver.ts'
import { CompareResolver } from './version/compare.resolver.ts'
import { CopyResolver } from './version/copy.resolver.ts'
import { DiffResolver } from './version/diff.resolver.ts'
import { PreviewResolver } from './version/preview.resolver.ts'
import { OperationResolver } from './version/operation.resolver.ts'
import { RelabelResolver } from './version/relabel.resolver.ts'
import { RepeatResolver } from './version/repeat.resolver.ts'
import { SplitResolver } from './version/split.resolver.ts'
import { VersionResolver } from './version/version.resolver.ts'

type Reference = { readonly id: string }

/** The dataset service's part of the graph. */
export const subgraph: Subgraph = {
  name: 'dataset',
  resolvers: [
    ProjectResolver,
    ProjectOverviewResolver,
    PreviewResolver,
    LabelResolver,
    DatasetResolver,
    VersionResolver,
    VersionsByDayResolver,
    BrowseResolver,
    VersionAssetResolver,
    AnnotationResolver,
    AssetPositionResolver,
    CompareResolver,
    DiffResolver,
    LineageResolver,
    OperationResolver,
    MergeResolver,
    SplitResolver,
    RelabelResolver,
    CopyResolver,
    RepeatResolver,
    TagResolver,
    DatasetTagsResolver,
    VersionTagsResolver,
    SharingResolver,
    ImportResolver,
    ImportReportResolver,
    InspectionResolver,
    VersionPredictionsResolver,
    AssetPredictionsResolver,
    ExportResolver,
    SimilarResolver,
    LikenessResolver,
    StorageResolver,
    UsageResolver,
    DeleteDatasetResolver,
  ],
  references: {
    Label: ({ id }: Reference, context: DatasetContext) => loadById(context, Label, id),
    Project: ({ id }: Reference, context: DatasetContext) => visible(context, id, loadProject(context, id)),
    Dataset: async ({ id }: Reference, context: DatasetContext) => {
      const dataset = await loadDataset(context, id)
      if (dataset) await requireReadable(context, { ...dataset, datasetId: id })
      return dataset
    },
    DatasetVersion: async ({ id }: Reference, context: DatasetContext) => {
      const version = await loadVersion(context, id)
      if (version) await requireReadable(context, version)
      return version
    },
    User: (user: Reference) => user,
    Merge: async ({ id }: Reference, context: DatasetContext) =>
      ofProject(context, await loadById(context, Merge, id)),
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
