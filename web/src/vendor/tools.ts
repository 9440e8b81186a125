import type { LabellingTool } from '../graph/schema.generated.ts'

/** Names of products are the same in every language. */
export const toolNames = {
  LABEL_STUDIO: 'Label Studio',
  CVAT: 'CVAT',
} as const satisfies Record<LabellingTool, string>
