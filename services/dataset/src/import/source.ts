import { DomainError } from '@ymir/graphql'
import { checkUrl } from './download.ts'

/** Where an import takes its images from. */
export type ImportSource =
  | { readonly kind: 'UPLOAD'; readonly uploadId: string }
  | { readonly kind: 'URL'; readonly url: string }
  /** A folder or archive on the server, its real path. */
  | { readonly kind: 'PATH'; readonly path: string }
  /** Another version, of any project that the user may see. */
  | { readonly kind: 'VERSION'; readonly versionId: string }

export interface SourceInput {
  readonly uploadId?: string | null
  readonly url?: string | null
  readonly path?: string | null
  readonly versionId?: string | null
}

/** Reads an input of which exactly one is given. */
export function sourceOf({ uploadId, url, path, versionId }: SourceInput): ImportSource {
  const given = [uploadId, url, path, versionId].filter((one) => one !== undefined && one !== null)
  if (given.length !== 1)
    throw new DomainError('BAD_USER_INPUT', 'give exactly one of uploadId, url, path and versionId', {
      field: 'uploadId',
    })
  if (typeof uploadId === 'string') return { kind: 'UPLOAD', uploadId }
  if (typeof url === 'string') return { kind: 'URL', url: checkUrl(url).href }
  if (typeof path === 'string') return { kind: 'PATH', path }
  return { kind: 'VERSION', versionId: versionId! } // the one that is left
}
