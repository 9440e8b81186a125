import type { DataSource } from 'typeorm'
import type { ConnectorTaskRow } from './connector.entity.ts'
import type { Reconciled } from './reconcile.ts'

/** Whoever looks at a task and says nothing for so long has died. */
const leaseSeconds = 300
const underWaySeconds = 2
const longestPauseSeconds = 900

/** A task in a tool that is to be looked at, by us alone. */
export type Due = Pick<ConnectorTaskRow, 'connectorId' | 'taskId'>

/** Tasks of connected vendors that are not known yet, or came back, are looked at from now on. */
export async function addTasks(database: DataSource): Promise<void> {
  await database.query(`
    insert into connector_tasks (connector_id, task_id)
    select connector.id, task.id
      from labelling_tasks as task join vendor_connectors as connector on connector.vendor_id = task.vendor_id
     where task.state = 'OPEN' and task.item_count is not null
       and not exists (select from connector_tasks as known where known.connector_id = connector.id
                          and known.task_id = task.id and known.closed_at is null)
    on conflict (connector_id, task_id) do update set closed_at = null, is_hooked = false, next_look_at = now()`)
}

/**
 * Takes a task whose time has come: one that is open, or that is to be ended in the tool because it was cancelled or is
 * another's. One of each tool at a time, so that a slow one holds up nobody else.
 * @param pollSeconds until the next look
 */
export async function takeDue(database: DataSource, pollSeconds: number): Promise<Due | undefined> {
  const [taken]: [{ connector_id: string; task_id: string }[], number] = await database.query(
    `update connector_tasks as due
        set looking_until = now() + make_interval(secs => $1), next_look_at = now() + make_interval(secs => $2)
      where (connector_id, task_id) in (
        select one.connector_id, one.task_id
          from connector_tasks as one
          join vendor_connectors as connector on connector.id = one.connector_id
          join labelling_tasks as task on task.id = one.task_id
         where one.closed_at is null and one.next_look_at <= now()
           and (task.vendor_id is distinct from connector.vendor_id or task.state in ('OPEN', 'CANCELLED'))
           and not exists (select from connector_tasks as other
                            where other.connector_id = one.connector_id and other.looking_until > now())
         order by one.next_look_at limit 1 for update of one skip locked)
      returning connector_id, task_id`,
    [leaseSeconds, pollSeconds],
  )
  const row = taken[0]
  return row && { connectorId: row.connector_id, taskId: row.task_id }
}

/** Goes on looking. @returns false when the vendor is not connected any more */
export async function stillLooking(database: DataSource, due: Due): Promise<boolean> {
  const [, count]: [unknown, number] = await database.query(
    `update connector_tasks set looking_until = now() + make_interval(secs => $3)
      where connector_id = $1 and task_id = $2 and looking_until is not null`,
    [due.connectorId, due.taskId, leaseSeconds],
  )
  return count > 0
}

/** A look has ended well; who asked for one meanwhile gets another. */
export async function lookedAt(
  database: DataSource,
  due: Due,
  { isUnderWay, problem }: Reconciled,
): Promise<void> {
  await database.query(
    `update connector_tasks
        set looking_until = null, looked_at = now(), failures = 0, problem = $5,
            next_look_at = case when $3 then least(next_look_at, now() + make_interval(secs => $4)) else next_look_at end
      where connector_id = $1 and task_id = $2`,
    [due.connectorId, due.taskId, isUnderWay, underWaySeconds, problem],
  )
}

/** A look has failed: the next comes later each time, a quarter of an hour at most, or when somebody asks for it. */
export async function lookFailed(
  database: DataSource,
  due: Due,
  problem: string,
  pollSeconds: number,
): Promise<void> {
  await database.query(
    `update connector_tasks
        set looking_until = null, failures = failures + 1, problem = $3,
            next_look_at = case when next_look_at <= now() then next_look_at
              else now() + make_interval(secs => least($4 * power(2, least(failures, 10)), $5)) end
      where connector_id = $1 and task_id = $2`,
    [due.connectorId, due.taskId, problem, pollSeconds, longestPauseSeconds],
  )
}

/** A look was broken off, by our own end: another may begin at once. */
export async function release(database: DataSource, { connectorId, taskId }: Due): Promise<void> {
  await database.query(
    `update connector_tasks set looking_until = null, next_look_at = now() where connector_id = $1 and task_id = $2`,
    [connectorId, taskId],
  )
}

/** It is ended in the tool: nothing of its images is known any more. */
export async function closed(database: DataSource, { connectorId, taskId }: Due): Promise<void> {
  await database.query(`delete from connector_items where connector_id = $1 and task_id = $2`, [
    connectorId,
    taskId,
  ])
  await database.query(
    `update connector_tasks set looking_until = null, closed_at = now(), problem = null
      where connector_id = $1 and task_id = $2`,
    [connectorId, taskId],
  )
}

/** There may be something new in a vendor's tool, or for it. */
export async function askToLook(
  database: DataSource,
  of: { readonly connectorId: string } | { readonly taskId: string },
): Promise<void> {
  const [column, id] = 'taskId' in of ? ['task_id', of.taskId] : ['connector_id', of.connectorId]
  await database.query(
    `update connector_tasks set next_look_at = least(next_look_at, now()) where ${column} = $1 and closed_at is null`,
    [id],
  )
}
