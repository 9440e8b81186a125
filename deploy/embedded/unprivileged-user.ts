import { chmodSync, chownSync, existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** A user as whom root runs PostgreSQL, which refuses to run as root. */
export interface UnprivilegedUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * The user to drop to: `postgres` or `nobody`, whichever exists; undefined when this process is not root.
 * A number without an entry in /etc/passwd will not do: initdb looks its user up by name.
 */
export function unprivilegedUser(): UnprivilegedUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
  const user = users.find(({ name }) => name === 'postgres') ?? users.find(({ name }) => name === 'nobody')
  if (!user) {
    throw new Error(
      'PostgreSQL refuses to run as root, and /etc/passwd has neither `postgres` nor `nobody`: ' +
        'add one of them (useradd --system postgres), or start as another user',
    )
  }
  return user
}

/** Whether the user may enter the folder, judged by the modes of the folder and of all above it. */
export function canReach(folder: string, user: UnprivilegedUser): boolean {
  const at = realpathSync(existsSync(folder) ? folder : dirname(folder))
  return canEnter(at, user) && (dirname(at) === at || canReach(dirname(at), user))
}

/** Lets the user pass through a folder of root's on the way to its own folder inside, without reading it; other users stay out. */
export function allowPassage(folder: string, user: UnprivilegedUser): void {
  if (canEnter(folder, user) || statSync(folder).uid !== 0) return
  chownSync(folder, 0, user.gid)
  chmodSync(folder, 0o710)
}

function canEnter(folder: string, user: UnprivilegedUser): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === user.uid) return (mode & 0o100) !== 0
  if (gid === user.gid) return (mode & 0o010) !== 0
  return (mode & 0o001) !== 0
}
