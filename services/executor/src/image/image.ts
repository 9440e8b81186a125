import { z } from 'zod'
import { readYaml } from '../contract/yaml.ts'
import type { JobKind } from '../job/job.ts'

/** Whether an image is at hand. */
export const ImageState = { PULLING: 'PULLING', READY: 'READY', FAILED: 'FAILED' } as const
export type ImageState = keyof typeof ImageState

/** Why an image could not be had, for the administrator who registered it. */
export interface ImageProblem {
  /** A FailureCode, NOT_AN_EXECUTOR_IMAGE or REMOVED. */
  readonly code: string
  readonly message: string
  readonly advice: string
}

/** A hyper-parameter template: parameters with their defaults. */
export type Template = Readonly<Record<string, unknown>>

/** Text files under /img-man by their path within it, e.g. `training-template.yaml` or `det/mining-template.yaml`. */
export type ImageFiles = ReadonlyMap<string, string>

/** What an image says about itself. */
export interface ImageDescription {
  readonly kinds: readonly JobKind[]
  readonly objectTypes: readonly number[]
  readonly templates: Readonly<Partial<Record<JobKind, Template>>>
  /** Its manifest has `network: true`, this platform's extension of the contract. */
  readonly asksForNetwork: boolean
  /** Its manifest has `mining_details: true`, as well an extension: it writes mining-details.jsonl. */
  readonly tellsDetails: boolean
}

/** The files are not those of an executor image; the message names the file. */
export class NotAnExecutorImage extends Error {
  readonly code = 'NOT_AN_EXECUTOR_IMAGE'
}

export const templateFiles: Readonly<Record<JobKind, string>> = {
  TRAINING: 'training-template.yaml',
  MINING: 'mining-template.yaml',
  INFERENCE: 'infer-template.yaml',
}

const DETECTION = 2
/** Sub-folders of /img-man for images that know several object types. */
export const objectTypeFolders: Readonly<Record<number, string>> = {
  [DETECTION]: 'det',
  3: 'semantic-seg',
  4: 'instance-seg',
  50: 'multi-modal',
}

const objectType = z.number().refine((value) => value in objectTypeFolders, 'must be 2, 3, 4 or 50')
const manifestFile = z.looseObject({
  object_type: z.union([objectType, z.array(objectType).min(1)]).default(DETECTION),
  network: z.boolean().default(false),
  mining_details: z.boolean().default(false),
})
const templateFile = z
  .record(z.string(), z.unknown())
  .nullable()
  .transform((template) => template ?? {})

/**
 * Reads what the files under /img-man say. Of an image for several object types the templates for detection are taken,
 * or those of the first type that it names.
 * @throws NotAnExecutorImage
 */
export function describeImage(files: ImageFiles): ImageDescription {
  const manifest = files.get('manifest.yaml')
  const {
    object_type: said,
    network: asksForNetwork,
    mining_details: tellsDetails,
  } = parseFile('manifest.yaml', manifest ?? '{}', manifestFile)
  const objectTypes = typeof said === 'number' ? [said] : said
  const preferred = objectTypes.find((type) => type === DETECTION) ?? objectTypes[0] ?? DETECTION
  const folder = typeof said === 'number' ? '' : `${objectTypeFolders[preferred]}/`
  const templates: Partial<Record<JobKind, Template>> = {}
  for (const [kind, name] of Object.entries(templateFiles) as [JobKind, string][]) {
    // Object.entries forgets the keys' type
    const text = files.get(folder + name)
    if (text !== undefined) templates[kind] = parseFile(folder + name, text, templateFile)
  }
  const kinds = Object.keys(templates) as JobKind[] // as above
  if (kinds.length === 0)
    throw new NotAnExecutorImage(
      `/img-man/${folder} has none of ${Object.values(templateFiles).join(', ')}: this is not an executor image`,
    )
  return { kinds, objectTypes, templates, asksForNetwork, tellsDetails }
}

/**
 * Whether a training may begin with the weights of a stage. The contract has no word for it; the ecosystem's images that
 * can have the key `pretrained_model_params` in their training template.
 */
export function goesOnFromStages({ templates }: Pick<ImageDescription, 'templates'>): boolean {
  return 'pretrained_model_params' in (templates.TRAINING ?? {})
}

function parseFile<Schema extends z.ZodType>(name: string, text: string, schema: Schema): z.output<Schema> {
  let value: unknown
  try {
    value = readYaml(text)
  } catch (error) {
    throw new NotAnExecutorImage(
      `/img-man/${name} is not YAML: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) =>
    [path.join('.'), message].filter(Boolean).join(': '),
  )
  throw new NotAnExecutorImage(`/img-man/${name}: ${problems.join('; ')}`)
}
