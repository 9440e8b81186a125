import { join } from 'node:path'

/** Folders and files of one job on this machine. */
export interface JobFolders {
  readonly root: string
  /** What the image sees as /in. */
  readonly input: string
  /** What the image sees as /out. */
  readonly output: string
  /** Everything that the image printed. */
  readonly log: string
}

export function jobFolders(jobsFolder: string, jobId: string): JobFolders {
  const root = join(jobsFolder, jobId)
  return { root, input: join(root, 'in'), output: join(root, 'out'), log: join(root, 'log.txt') }
}

/** Paths as the image sees them; index and configuration files name these. */
export const inImage = {
  assets: '/in/assets',
  annotations: '/in/annotations',
  models: '/in/models',
  config: '/in/config.yaml',
  trainIndex: '/in/train-index.tsv',
  valIndex: '/in/val-index.tsv',
  testIndex: '/in/test-index.tsv',
  candidateIndex: '/in/candidate-index.tsv',
  monitor: '/out/monitor.txt',
  outModels: '/out/models',
  tensorboard: '/out/tensorboard',
  trainingResult: '/out/models/result.yaml',
  miningResult: '/out/result.tsv',
  miningDetails: '/out/mining-details.jsonl',
  inferResult: '/out/infer-result.json',
  executorLog: '/out/ymir-executor-out.log',
} as const

/** Where a path that the image sees under /in or /out lies on this machine. */
export function onThisMachine(path: string, { input, output }: JobFolders): string {
  if (path === '/in' || path.startsWith('/in/')) return join(input, path.slice('/in'.length))
  if (path === '/out' || path.startsWith('/out/')) return join(output, path.slice('/out'.length))
  throw new Error(`${path} is neither under /in nor under /out`)
}

/** Where an asset lies for the image: `/in/assets/<last two characters of the id>/<id>.<extension>`. */
export function assetPath(assetId: string, extension: string): string {
  return `${inImage.assets}/${assetId.slice(-2)}/${assetId}.${extension}`
}

/** The asset that a path of ours names: the file's stem. */
export function assetIdOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? name : name.slice(0, dot)
}
