import { reservedKeys, sharedMemoryBytes } from '../contract/configuration.ts'
import { parseExportFormat } from '../contract/export-format.ts'
import { readYaml } from '../contract/yaml.ts'
import type { Inspection } from '../driver/driver.ts'
import { JobProblem } from '../job/failure.ts'
import type { JobKind } from '../job/job.ts'
import {
  describeImage,
  goesOnFromStages,
  NotAnExecutorImage,
  objectTypeFolders,
  templateFiles,
  type ImageDescription,
  type ImageFiles,
  type Template,
} from './image.ts'

/** How much a line of a report matters: an image with an ERROR is no executor image. */
export const ReportLevel = { FACT: 'FACT', WARNING: 'WARNING', ERROR: 'ERROR' } as const
export type ReportLevel = keyof typeof ReportLevel

export interface ReportLine {
  readonly level: ReportLevel
  /** For example `training: yes (17 parameters)`. */
  readonly text: string
}

/** How an image stands to the executor image contract. */
export interface ImageReport {
  readonly lines: readonly ReportLine[]
  /** Undefined when it is no executor image: a line says why. */
  readonly description: ImageDescription | undefined
}

const objectTypeNames: Readonly<Record<number, string>> = {
  2: 'detection',
  3: 'semantic segmentation',
  4: 'instance segmentation',
  50: 'multi-modal',
}

/** Checks what a driver found in an image against the contract; needs neither platform nor database. */
export function reportOn({ files, start }: Inspection): ImageReport {
  const startLines = start ? linesOfStart(start) : []
  const described = describe(files)
  if (described instanceof NotAnExecutorImage)
    return { lines: [error(described.message), ...startLines], description: undefined }
  const lines = [
    ...Object.keys(templateFiles).map((kind) => lineOfKind(kind as JobKind, described)), // its keys' type
    ...described.objectTypes.map((type) => fact(`object type: ${type} (${objectTypeNames[type]})`)),
    fact(
      described.asksForNetwork
        ? 'network: asked for; an administrator must allow it'
        : 'network: none (manifest.yaml has no "network: true")',
    ),
    ...(described.templates.MINING ? [lineOfDetails(described)] : []),
    ...(described.templates.TRAINING ? [lineOfGoingOn(described)] : []),
    ...startLines,
    ...Object.entries(described.templates).flatMap(
      ([kind, template]) => warningsOfTemplate(templateFiles[kind as JobKind], template), // its keys' type
    ),
    ...warningsOfFolders(files, described),
  ]
  return { lines, description: lines.some(isError) ? undefined : described }
}

/** What keeps an image from being an executor image; empty when nothing does. */
export function errorsOf({ lines }: ImageReport): string[] {
  return lines.filter(isError).map(({ text }) => text)
}

function describe(files: ImageFiles): ImageDescription | NotAnExecutorImage {
  try {
    return describeImage(files)
  } catch (problem) {
    if (problem instanceof NotAnExecutorImage) return problem
    throw problem
  }
}

function lineOfKind(kind: JobKind, { templates }: ImageDescription): ReportLine {
  const template = templates[kind]
  const name = kind.toLowerCase()
  if (!template) return fact(`${name}: no template`)
  const count = Object.keys(template).length
  return fact(`${name}: yes (${count} ${count === 1 ? 'parameter' : 'parameters'})`)
}

function lineOfGoingOn(description: ImageDescription): ReportLine {
  const file = templateFiles.TRAINING
  return fact(
    goesOnFromStages(description)
      ? `going on from a stage: yes (pretrained_model_params in ${file})`
      : `going on from a stage: no (${file} has no pretrained_model_params)`,
  )
}

function lineOfDetails({ tellsDetails }: ImageDescription): ReportLine {
  return fact(
    tellsDetails
      ? 'what it sees in an image: told, the platform can choose'
      : 'what it sees in an image: not told for sure (manifest.yaml has no "mining_details: true")',
  )
}

function linesOfStart({ command, script }: NonNullable<Inspection['start']>): ReportLine[] {
  const started = fact(`start command: ${command.join(' ')}`)
  if (script.present) return [started, fact(`${script.path}: present`)]
  const isStarted = command.some((word) => word.includes(script.path))
  const text = `${script.path}: missing`
  if (isStarted) return [started, error(`${text}, but it is what the image starts`)]
  return [started, warning(`${text}; the contract has the image start there`)]
}

/** What a template says that will not be as it says. */
function warningsOfTemplate(file: string, template: Template): ReportLine[] {
  // pretrained_model_params in a template says that the image reads it
  const reserved = Object.keys(template).filter(
    (key) => reservedKeys.includes(key) && key !== 'pretrained_model_params',
  )
  const refusals = [() => parseExportFormat(template.export_format), () => sharedMemoryBytes(template, 0)]
  return [
    ...(reserved.length
      ? [warning(`${file} sets ${reserved.join(', ')}: the platform writes its own values`)]
      : []),
    ...refusals.flatMap((read) => {
      const refusal = refusalOf(read)
      return refusal ? [warning(`${file}: ${refusal}; such a job is refused`)] : []
    }),
  ]
}

function refusalOf(read: () => unknown): string | undefined {
  try {
    read()
  } catch (problem) {
    if (problem instanceof JobProblem) return problem.message
    throw problem
  }
}

/** Of an image for several object types only one folder is used: the others are looked at so that its author knows. */
function warningsOfFolders(files: ImageFiles, { objectTypes }: ImageDescription): ReportLine[] {
  const manifest = files.get('manifest.yaml')
  const inFolders = manifest !== undefined && Array.isArray((readYaml(manifest) as Template).object_type) // it was read before
  const expected = inFolders ? objectTypes.map((type) => `${objectTypeFolders[type]}/`) : ['']
  const isExpected = (name: string) => expected.some((folder) => name === folder + name.replace(/^.*\//, ''))
  const templates = [...files].filter(([name]) => name !== 'manifest.yaml')
  return [
    ...expected
      .filter((folder) => !templates.some(([name]) => name.startsWith(folder)))
      .map((folder) =>
        warning(`/img-man/${folder} has no template, though manifest.yaml names its object type`),
      ),
    ...templates
      .filter(([name]) => !isExpected(name))
      .map(([name]) => warning(`/img-man/${name} is not used: manifest.yaml does not ask for that folder`)),
    ...templates
      .filter(([name, text]) => isExpected(name) && !isYaml(text))
      .map(([name]) => warning(`/img-man/${name} is not YAML`)),
  ]
}

function isYaml(text: string): boolean {
  try {
    readYaml(text)
    return true
  } catch {
    return false
  }
}

const fact = (text: string): ReportLine => ({ level: 'FACT', text })
const warning = (text: string): ReportLine => ({ level: 'WARNING', text })
const error = (text: string): ReportLine => ({ level: 'ERROR', text })
const isError = ({ level }: ReportLine) => level === 'ERROR'
