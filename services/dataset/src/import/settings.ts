import { delimiter, join, resolve } from 'node:path'

/** What whoever runs the platform decides about imports. */
export interface ImportSettings {
  /** Folder of the blob store: the threads that check imports write into it. */
  readonly blobFolder: string
  /** Folder for what is being fetched from elsewhere. */
  readonly downloads: string
  /** Folders of the server from which may be imported. */
  readonly roots: readonly string[]
  /** Whether URLs may lead to addresses that are not of the public Internet. */
  readonly allowPrivateUrls: boolean
  /** Images that are stored in one transaction, at most. */
  readonly batchImages: number
}

/** YMIR_IMPORT_ROOTS: folders, separated as in PATH. YMIR_IMPORT_PRIVATE_URLS=1: also from addresses of one's own network. */
export function readImportSettings(
  { home, blobs }: { readonly home: string; readonly blobs: string },
  environment: NodeJS.ProcessEnv = process.env,
): ImportSettings {
  return {
    blobFolder: blobs,
    downloads: join(home, 'downloads'),
    roots: (environment.YMIR_IMPORT_ROOTS ?? '')
      .split(delimiter)
      .filter((root) => root !== '')
      .map((root) => resolve(root)),
    allowPrivateUrls: environment.YMIR_IMPORT_PRIVATE_URLS === '1',
    batchImages: 2_000,
  }
}
