import type { Subgraph } from '@ymir/graphql'
import { AutomaticLabellerRow } from './automatic-labeller/automatic-labeller.entity.ts'
import { findAutomaticLabeller } from './automatic-labeller/automatic-labeller.loader.ts'
import {
  AutomaticLabellerResolver,
  ProjectAutomaticLabellersResolver,
} from './automatic-labeller/automatic-labeller.resolver.ts'
import { ConnectorItemRow, ConnectorRow, ConnectorTaskRow } from './connector/connector.entity.ts'
import { VendorConnectorResolver, VendorToolResolver } from './connector/connector.resolver.ts'
import type { LabelingContext } from './context.ts'
import { AnswersByDayResolver } from './item/by-day.resolver.ts'
import { LabellingImageResolver } from './item/labelling-image.resolver.ts'
import { LabellingItemRow } from './item/labelling-item.entity.ts'
import {
  findLabellingItem,
  LabellingItemResolver,
  TaskItemsResolver,
} from './item/labelling-item.resolver.ts'
import { BulkReviewResolver } from './quality/bulk-review.resolver.ts'
import { DraftItemsResolver, ItemQualityResolver, TaskDraftResolver } from './quality/draft.resolver.ts'
import {
  LabellerQualityResolver,
  TaskQualityResolver,
  VendorQualityResolver,
} from './quality/quality.resolver.ts'
import { LabellersResolver, LabellerVendorResolver } from './task/labellers.resolver.ts'
import { LabellingTaskRow } from './task/labelling-task.entity.ts'
import { findLabellingTask } from './task/labelling-task.loader.ts'
import { LabellingTaskResolver, ProjectLabellingTasksResolver } from './task/labelling-task.resolver.ts'
import { AttemptRow, DeliveryRow } from './vendor/delivery.entity.ts'
import { DeliveryResolver, VendorDeliveriesResolver } from './vendor/delivery.resolver.ts'
import { VendorItemResolver, VendorTaskResolver } from './vendor/vendor-task.resolver.ts'
import { VendorWorkResolver } from './vendor/vendor-work.resolver.ts'
import { VendorRow } from './vendor/vendor.entity.ts'
import { findVendor } from './vendor/vendor.loader.ts'
import { ProjectVendorsResolver, VendorOfTaskResolver, VendorResolver } from './vendor/vendor.resolver.ts'

export const entities = [
  LabellingTaskRow,
  LabellingItemRow,
  AutomaticLabellerRow,
  VendorRow,
  DeliveryRow,
  AttemptRow,
  ConnectorRow,
  ConnectorTaskRow,
  ConnectorItemRow,
]

/** What an API key with the scope `label` may do. */
export const labelMutations = [
  'claimItem',
  'claimItems',
  'saveDraft',
  'submitItem',
  'skipItem',
  'releaseItem',
]

/** Labeling's part of the graph: what is to be labelled, by whom, and how far it is. */
export const subgraph: Subgraph = {
  name: 'labeling',
  resolvers: [
    LabellingTaskResolver,
    LabellersResolver,
    LabellerVendorResolver,
    ProjectLabellingTasksResolver,
    LabellingItemResolver,
    AnswersByDayResolver,
    TaskItemsResolver,
    AutomaticLabellerResolver,
    ProjectAutomaticLabellersResolver,
    VendorResolver,
    ProjectVendorsResolver,
    VendorOfTaskResolver,
    VendorDeliveriesResolver,
    DeliveryResolver,
    VendorWorkResolver,
    VendorTaskResolver,
    VendorItemResolver,
    LabellingImageResolver,
    BulkReviewResolver,
    TaskDraftResolver,
    DraftItemsResolver,
    ItemQualityResolver,
    TaskQualityResolver,
    LabellerQualityResolver,
    VendorQualityResolver,
    VendorToolResolver,
    VendorConnectorResolver,
  ],
  references: {
    LabellingTask: ({ id }: { id: string }, context: LabelingContext) => findLabellingTask(id, context),
    LabellingItem: ({ id }: { id: string }, context: LabelingContext) => findLabellingItem(id, context),
    AutomaticLabeller: ({ id }: { id: string }, context: LabelingContext) =>
      findAutomaticLabeller(id, context),
    Vendor: ({ id }: { id: string }, context: LabelingContext) => findVendor(id, context),
    User: (user: { id: string }) => user,
    Project: (project: { id: string }) => project,
  },
}
