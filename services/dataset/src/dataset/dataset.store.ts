import { randomUUID } from 'node:crypto'
import { DomainError, notFound } from '@ymir/graphql'
import type { EntityManager } from 'typeorm'
import { Dataset } from './dataset.entity.ts'

/** Where a new version goes: into a dataset that is there, or into a new one. */
export type Target = { readonly datasetId: string } | { readonly name: string }

const longestName = 200

/** Reads `datasetId` and `name` of an input: one of them. */
export function targetOf({ datasetId, name }: { datasetId?: string | null; name?: string | null }): Target {
  if (datasetId && name)
    throw new DomainError('BAD_USER_INPUT', 'give either datasetId or name, not both', { field: 'name' })
  if (datasetId) return { datasetId }
  const tidy = name?.normalize('NFC').trim().replace(/\s+/g, ' ')
  if (!tidy)
    throw new DomainError('BAD_USER_INPUT', 'give datasetId to add a version, or the name of a new dataset', {
      field: 'name',
    })
  if (tidy.length > longestName)
    throw new DomainError('BAD_USER_INPUT', `name is longer than ${longestName} characters`, {
      field: 'name',
    })
  return { name: tidy }
}

/**
 * The dataset of a target, locked until the transaction ends so that its versions get their numbers one by one.
 * A name that belongs to a dataset without versions (its import was refused) is free.
 * @throws DomainError CONFLICT when the name is taken
 */
export async function openDataset(
  manager: EntityManager,
  projectId: string,
  target: Target,
): Promise<Dataset> {
  if ('datasetId' in target) return lockDataset(manager, projectId, target.datasetId)
  const dataset = await continueDataset(manager, projectId, target.name)
  if (await isInUse(manager, dataset.id))
    throw new DomainError(
      'CONFLICT',
      `the project has a dataset "${dataset.name}" already: choose another name, or give datasetId ${dataset.id} to add a version to it`,
      { field: 'name', datasetId: dataset.id },
    )
  return dataset
}

/** The dataset of a name, made when it is missing; locked until the transaction ends. */
export async function continueDataset(
  manager: EntityManager,
  projectId: string,
  name: string,
): Promise<Dataset> {
  const rows: { id: string }[] = await manager.query(
    `insert into datasets (id, project_id, name, created_at) values ($1, $2, $3, now())
     on conflict (project_id, lower(name)) do update set name = datasets.name returning id`,
    [randomUUID(), projectId, name],
  )
  return manager.findOneByOrFail(Dataset, { id: rows[0]!.id })
}

async function lockDataset(manager: EntityManager, projectId: string, id: string): Promise<Dataset> {
  const dataset = await manager.findOne(Dataset, {
    where: { id, projectId },
    lock: { mode: 'pessimistic_write' },
  })
  if (!dataset) throw notFound('dataset in this project', id)
  return dataset
}

async function isInUse(manager: EntityManager, id: string): Promise<boolean> {
  const [row]: { used: boolean }[] = await manager.query(
    `select exists (select from dataset_versions where dataset_id = $1)
         or exists (select from imports where dataset_id = $1 and state in ('QUEUED', 'RUNNING')) as used`,
    [id],
  )
  return row!.used
}
