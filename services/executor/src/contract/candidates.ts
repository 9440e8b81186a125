import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { assetIdOf, inImage, onThisMachine, type JobFolders } from './layout.ts'

/**
 * Finds the asset that a result names: by full path as in the index, by the path on this machine (an image that runs as
 * a process may have followed it), or by the base name where only one image has it.
 */
export class Candidates {
  private readonly byPath = new Map<string, string>()
  private readonly byName = new Map<string, string | null>()

  /** @param paths of the candidate index, in its order */
  constructor(
    paths: Iterable<string>,
    private readonly inputFolder = '/in',
  ) {
    for (const path of paths) {
      const assetId = assetIdOf(path)
      const name = baseName(path)
      this.byPath.set(path, assetId)
      this.byName.set(name, this.byName.has(name) ? null : assetId)
    }
  }

  get assetIds(): Iterable<string> {
    return this.byPath.values()
  }

  get count(): number {
    return this.byPath.size
  }

  find(path: string): string | undefined {
    const local = path.startsWith(`${this.inputFolder}/`) ? `/in${path.slice(this.inputFolder.length)}` : path
    return this.byPath.get(local) ?? this.byName.get(baseName(local)) ?? undefined
  }

  /** Why nothing is found under a path, in words. */
  whyNot(path: string): string {
    if (this.byName.get(baseName(path)) === null)
      return `"${path}" may be several images of ${inImage.candidateIndex}: name it by its full path`
    return `"${path}" is no image of ${inImage.candidateIndex}`
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The candidates of a job that was prepared here. */
export async function readCandidates(folders: JobFolders): Promise<Candidates> {
  const index = createReadStream(onThisMachine(inImage.candidateIndex, folders))
  const paths: string[] = []
  for await (const line of createInterface({ input: index, crlfDelay: Infinity })) if (line) paths.push(line)
  return new Candidates(paths, folders.input)
}
