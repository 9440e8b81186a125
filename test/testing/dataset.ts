import { anArchive } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import type { ApiClient } from './client.ts'
import { createProject } from './loop.ts'

export interface Version {
  readonly id: string
  readonly root: string
  readonly number: number
  readonly assetCount: number
  readonly annotationCount: number
  readonly negativeCount: number
  readonly seed: number | null
  readonly labels: readonly { readonly label: string; readonly annotationCount: number }[]
  readonly dataset: { readonly id: string; readonly name: string }
}

export const versionFields = `id root number assetCount annotationCount negativeCount seed
  labels { label annotationCount } dataset { id name }`

export interface EndedImport {
  readonly id: string
  readonly state: string
  readonly problem: string | null
  readonly reportUrl: string | null
  readonly report: {
    readonly format: string
    readonly duplicateCount: number
    readonly skippedItemCount: number
    readonly predictionCount: number
    readonly unknownLabels: readonly string[]
    readonly problems: readonly { readonly file: string; readonly outcome: string; readonly remedy: string }[]
  } | null
  readonly version: Version | null
}

export type Files = Readonly<Record<string, Uint8Array | string>>

/** A project as one of its members works in it, through the gateway. */
export class DatasetProject {
  constructor(
    readonly client: ApiClient,
    readonly id: string,
  ) {}

  /** The same project by another user. */
  by(client: ApiClient): DatasetProject {
    return new DatasetProject(client, this.id)
  }

  /** Calls a mutation. @throws Refused */
  async mutate<Payload>(name: string, input: object, selection: string): Promise<Payload> {
    const type = inputTypes[name] ?? `${name[0]!.toUpperCase()}${name.slice(1)}Input`
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`
    return (await this.client.ask<Record<string, Payload>>(query, { input }))[name]!
  }

  /** Calls an operation that makes a version, in a new dataset unless the input says another. */
  async made(operation: string, input: object): Promise<Version> {
    const into = 'datasetId' in input ? input : { name: newName(operation), ...input }
    return (await this.mutate<{ version: Version }>(operation, into, `version { ${versionFields} }`)).version
  }

  async version(id: string): Promise<Version> {
    return this.of(id, versionFields)
  }

  /** Fields of a version. @throws Refused */
  async of<Fields>(
    id: string,
    selection: string,
    variables: Readonly<Record<string, unknown>> = {},
    types = '',
  ) {
    const query = `query ($id: ID!${types}) { datasetVersion(id: $id) { ${selection} } }`
    return (await this.client.ask<{ datasetVersion: Fields }>(query, { id, ...variables })).datasetVersion
  }

  /** Requests an import of any source; returns its id at once. @throws Refused */
  async requestImport(input: object): Promise<string> {
    const wanted = { projectId: this.id, name: newName('import'), ...input }
    const payload = await this.mutate<{ import: { id: string } }>('importDataset', wanted, 'import { id }')
    return payload.import.id
  }

  /** Imports any source and waits for the end, whatever it is. */
  async imported(input: object): Promise<EndedImport> {
    return this.whenImportEnded(await this.requestImport(input))
  }

  /** Uploads files as one zip, or bytes as they are, and imports them. */
  async importedFiles(files: Files | Buffer, input: object = {}): Promise<EndedImport> {
    return this.imported({ ...input, uploadId: await this.uploaded(files) })
  }

  uploaded(files: Files | Buffer): Promise<string> {
    return this.client.upload(Buffer.isBuffer(files) ? files : anArchive(files), 'files.zip')
  }

  /** The version that files become; their labels are added. */
  async versionOf(files: Files | Buffer, input: object = {}): Promise<Version> {
    const { version, problem } = await this.importedFiles(files, { unknownLabels: 'ADD', ...input })
    if (!version) throw new Error(`the files were not imported: ${problem}`)
    return version
  }

  whenImportEnded(id: string): Promise<EndedImport> {
    const query = `query ($id: ID!) { import(id: $id) { id state problem reportUrl
      report { format duplicateCount skippedItemCount predictionCount unknownLabels problems { file outcome remedy } }
      version { ${versionFields} } } }`
    const hasEnded = async () => {
      const { import: found } = await this.client.ask<{ import: EndedImport }>(query, { id })
      return !['QUEUED', 'RUNNING'].includes(found.state) && found
    }
    return waitUntil(`import ${id} to end`, hasEnded, { timeoutMs: 60_000 })
  }
}

let named = 0

function newName(of: string): string {
  return `${of} ${++named}`
}

const inputTypes: Readonly<Record<string, string>> = {
  mergeVersionsThreeWay: 'MergeThreeWayInput',
  finishMerge: 'MergeIdInput',
  abandonMerge: 'MergeIdInput',
}

export async function aDatasetProject(
  client: ApiClient,
  name: string,
  classes: string[],
): Promise<DatasetProject> {
  return new DatasetProject(client, await createProject(client, name, classes))
}
