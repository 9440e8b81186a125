import { reservedKeys } from '../contract/configuration.ts'
import { parseExportFormat } from '../contract/export-format.ts'
import { describeImage, NotAnExecutorImage, type ImageDescription, type ImageFiles } from '../image/image.ts'
import { JobProblem } from '../job/failure.ts'
import { JobKind } from '../job/job.ts'
import { broken, kept, noted, type Finding } from './promises.ts'

const words: Readonly<Record<JobKind, string>> = {
  TRAINING: 'training',
  MINING: 'mining',
  INFERENCE: 'inference',
}

const objectTypes: ReadonlyMap<number, string> = new Map([
  [2, 'detection'],
  [3, 'semantic segmentation'],
  [4, 'instance segmentation'],
  [50, 'multi-modal'],
])

/**
 * What an image says about itself under /img-man, promise by promise.
 * @returns no description when the platform would refuse the image
 */
export function examineFiles(files: ImageFiles): { description?: ImageDescription; findings: Finding[] } {
  try {
    const description = describeImage(files)
    const types = description.objectTypes.map((type) => `${type} (${objectTypes.get(type)})`)
    const findings = Object.values(JobKind).flatMap((kind) => examineTemplate(kind, description))
    return { description, findings: [kept(`object type: ${types.join(', ')}`), ...findings] }
  } catch (error) {
    if (!(error instanceof NotAnExecutorImage)) throw error
    return { findings: [broken(error.message, 'See docs/executor-images.md, "The folders".')] }
  }
}

function examineTemplate(kind: JobKind, { templates }: ImageDescription): Finding[] {
  const template = templates[kind]
  if (!template) return [noted(`${words[kind]}: no, there is no template`)]
  const own = Object.keys(template).filter((key) => !reservedKeys.includes(key))
  const list = own.length ? `: ${own.join(', ')}` : ''
  const findings = [
    kept(`${words[kind]}: yes, ${own.length} ${own.length === 1 ? 'parameter' : 'parameters'}${list}`),
  ]
  const reserved = Object.keys(template).filter((key) => reservedKeys.includes(key))
  if (reserved.length)
    findings.push(
      noted(
        `${words[kind]}: the template sets ${reserved.join(', ')}, which the platform overwrites`,
        'Leave them out of the template: users would set them in vain.',
      ),
    )
  if (kind === 'TRAINING') findings.push(examineExportFormat(template.export_format))
  return findings
}

function examineExportFormat(value: unknown): Finding {
  try {
    return kept(`export format: ${parseExportFormat(value)}`)
  } catch (error) {
    if (!(error instanceof JobProblem)) throw error
    return broken(error.message, error.advice)
  }
}
