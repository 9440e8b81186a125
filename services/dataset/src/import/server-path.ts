import { realpath } from 'node:fs/promises'
import { isAbsolute, sep } from 'node:path'
import { DomainError } from '@ymir/graphql'

/**
 * The real place of a folder or archive on the server.
 * @param roots folders from which may be imported; none by default
 * @throws DomainError when it is not there or, with all links followed, lies outside the roots: the same words for both, for
 * what lies elsewhere is nobody's business
 */
export async function findServerPath(path: string, roots: readonly string[]): Promise<string> {
  const field = 'path'
  if (roots.length === 0)
    throw new DomainError(
      'FORBIDDEN',
      'this platform imports from no folder of the server: whoever runs it sets YMIR_IMPORT_ROOTS',
      { field },
    )
  const real =
    isAbsolute(path) && !path.includes('\0') ? await realpath(path).catch(() => undefined) : undefined
  for (const root of real === undefined ? [] : roots) {
    const realRoot = await realpath(root).catch(() => undefined)
    if (
      realRoot &&
      (real === realRoot || real?.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
    )
      return real! // there, or the list would be empty
  }
  throw new DomainError(
    'BAD_USER_INPUT',
    `path ${JSON.stringify(path)} is not in a folder from which this platform imports: put it into one of ${roots.join(', ')}`,
    { field },
  )
}
