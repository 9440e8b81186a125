import { isAbsolute, join, normalize } from 'node:path'

/** Where the job's folders really are. In a container: `/in` and `/out` themselves. */
export interface JobFolders {
  readonly input: string
  readonly output: string
}

/** The environment variables `YMIR_IN` and `YMIR_OUT` tell where a process finds what a container finds at the root. */
export function jobFolders(environment: NodeJS.ProcessEnv): JobFolders {
  return { input: environment['YMIR_IN'] ?? '/in', output: environment['YMIR_OUT'] ?? '/out' }
}

/**
 * Files name paths as a container sees them, also when the job runs as a process: `/in/...` and `/out/...` are moved to
 * the job's folders, a relative path is taken from the input folder, anything else stays.
 */
export function localPath(path: string, folders: JobFolders): string {
  const normal = normalize(path)
  if (!isAbsolute(normal)) return join(folders.input, normal)
  if (normal === '/in' || normal.startsWith('/in/')) return join(folders.input, normal.slice('/in'.length))
  if (normal === '/out' || normal.startsWith('/out/'))
    return join(folders.output, normal.slice('/out'.length))
  return normal
}
