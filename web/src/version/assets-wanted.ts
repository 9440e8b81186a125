import type { AssetFilter, AssetOrder, AssetOrderBy, PredictionFilter } from '../graph/schema.generated.ts'

/** Which assets of a version are listed, and in which order: as the graph takes it. */
export interface AssetsWanted {
  readonly filter: AssetFilter | null
  readonly orderBy: AssetOrder | null
}

const words = {
  anyLabels: 'any',
  allLabels: 'all',
  noLabels: 'no',
  anyTags: 'anyTag',
  allTags: 'tag',
  noTags: 'noTag',
  importedFrom: 'from',
} as const
const ranges = {
  annotationCount: 'annotations',
  imageWidth: 'width',
  imageHeight: 'height',
  smallestBoxSide: 'smallest',
  largestBoxSide: 'largest',
} as const

/** Keys of a filter that are lists of words. */
export type WordsKey = keyof typeof words
/** Keys of a filter that are ranges. */
export type RangeKey = keyof typeof ranges
export const rangeKeys = Object.keys(ranges) as readonly RangeKey[] // the keys are what the type says

/** Names of all parameters of an address that say which assets are wanted. */
const names: readonly string[] = [
  ...Object.values(words),
  ...Object.values(ranges),
  'count',
  'found',
  'foundLabel',
  'meta',
  'name',
  'order',
]

export const orders: readonly AssetOrderBy[] = [
  'ADDED',
  'ANNOTATION_COUNT',
  'IMAGE_SIZE',
  'IMAGE_WIDTH',
  'IMAGE_HEIGHT',
  'LARGEST_BOX',
  'SMALLEST_BOX',
]

/** What an address wants; what makes no sense in it is left out. */
export function wantedOf(params: URLSearchParams): AssetsWanted {
  const filter: AssetFilter = {}
  for (const [key, name] of entriesOf(words)) {
    const values = params.getAll(name).filter(Boolean)
    if (values.length) filter[key] = values
  }
  for (const [key, name] of entriesOf(ranges)) {
    const range = rangeOf(params.get(name) ?? '')
    if (range) filter[key] = range
  }
  const counts = params.getAll('count').flatMap(labelCountOf)
  if (counts.length) filter.labelCounts = counts
  const predictions = foundOf(params)
  if (predictions) filter.predictions = predictions
  const metadata = params.getAll('meta').filter(Boolean).map(metadataOf)
  if (metadata.length) filter.metadata = metadata
  const name = params.get('name')
  if (name) filter.nameContains = name
  return { filter: Object.keys(filter).length ? filter : null, orderBy: orderOf(params.get('order')) }
}

/** The parameters with another wish in place of the one that they had; all others stay. */
export function withWanted(params: URLSearchParams, { filter, orderBy }: AssetsWanted): URLSearchParams {
  const next = new URLSearchParams(params)
  for (const name of names) next.delete(name)
  for (const [key, name] of entriesOf(words))
    for (const value of filter?.[key] ?? []) next.append(name, value)
  for (const [key, name] of entriesOf(ranges)) {
    const range = filter?.[key]
    if (range && (range.min != null || range.max != null)) next.set(name, rangeText(range))
  }
  for (const { label, min, max } of filter?.labelCounts ?? [])
    next.append('count', `${label}:${rangeText({ min, max })}`)
  if (filter?.predictions) {
    const { setId, minScore, maxScore, labels } = filter.predictions
    next.set('found', `${setId}:${rangeText({ min: minScore, max: maxScore })}`)
    for (const label of labels ?? []) next.append('foundLabel', label)
  }
  for (const { key, value } of filter?.metadata ?? [])
    next.append('meta', value == null ? key : `${key}=${value}`)
  if (filter?.nameContains) next.set('name', filter.nameContains)
  if (orderBy) next.set('order', `${orderBy.direction === 'DESCENDING' ? '-' : ''}${orderBy.by}`)
  return next
}

interface Range {
  readonly min?: number | null
  readonly max?: number | null
}

/** `5-10`, `5-` or `-10`. */
function rangeOf(text: string): { min?: number; max?: number } | undefined {
  const [, min, max] = /^(\d{0,9})-(\d{0,9})$/.exec(text) ?? []
  if (!min && !max) return undefined
  return { ...(min && { min: Number(min) }), ...(max && { max: Number(max) }) }
}

const rangeText = ({ min, max }: Range): string => `${min ?? ''}-${max ?? ''}`

function labelCountOf(text: string) {
  const at = text.lastIndexOf(':')
  const range = rangeOf(text.slice(at + 1))
  return at > 0 && range ? [{ label: text.slice(0, at), ...range }] : []
}

/** `found=set:0.3-0.6`, and each label that was looked for as `foundLabel`. */
function foundOf(params: URLSearchParams): PredictionFilter | undefined {
  const [, setId, min, max] =
    /^([\w-]{1,64}):([01](?:\.\d{1,4})?)?-([01](?:\.\d{1,4})?)?$/.exec(params.get('found') ?? '') ?? []
  if (!setId || Number(min) > 1 || Number(max) > 1) return undefined
  const labels = params.getAll('foundLabel').filter(Boolean)
  return {
    setId,
    ...(min && { minScore: Number(min) }),
    ...(max && { maxScore: Number(max) }),
    ...(labels.length > 0 && { labels }),
  }
}

/** `key` or `key=value`. */
export function metadataOf(text: string) {
  const at = text.indexOf('=')
  return at < 0 ? { key: text } : { key: text.slice(0, at), value: text.slice(at + 1) }
}

function orderOf(text: string | null): AssetOrder | null {
  const by = orders.find((order) => order === text?.replace(/^-/, ''))
  if (!by || !text) return null
  return { by, direction: text.startsWith('-') ? 'DESCENDING' : 'ASCENDING' }
}

/** Object.entries, which forgets what the keys are. */
function entriesOf<Names extends object>(values: Names): [keyof Names, Names[keyof Names]][] {
  return Object.entries(values) as [keyof Names, Names[keyof Names]][]
}
