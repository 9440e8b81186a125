import type { EntityManager } from 'typeorm'

/**
 * The time before which a blob must have been written, and found unreachable, to be removed: the grace ago, and not after the
 * beginning of any work that is still under way. What such work wrote, or wrote again, is younger than its beginning.
 */
export async function cutOff(manager: EntityManager, graceHours: number): Promise<Date> {
  const [{ begun }]: [{ begun: Date | null }] = await manager.query(
    `select least(
       (select min(created_at) from imports where state not in ('SUCCEEDED', 'REFUSED', 'FAILED', 'CANCELLED')),
       (select min(created_at) from version_requests)) as begun`,
  )
  const graceBegan = new Date(Date.now() - graceHours * 3_600_000)
  return begun && begun < graceBegan ? begun : graceBegan
}
