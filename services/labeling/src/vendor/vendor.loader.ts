import { notFound, type ProjectRole } from '@ymir/graphql'
import { isUUID } from 'class-validator'
import { In } from 'typeorm'
import type { LabelingContext } from '../context.ts'
import { VendorRow } from './vendor.entity.ts'

/** The vendor, if the caller may see its project. */
export async function findVendor(
  id: string,
  { access, database, loader }: LabelingContext,
): Promise<VendorRow | null> {
  if (!isUUID(id)) return null
  const vendor = await loader<string, VendorRow | null>('vendor', async (ids) => {
    const rows = await database.manager.findBy(VendorRow, { id: In([...ids]) })
    return ids.map((one) => rows.find((row) => row.id === one) ?? null)
  }).load(id)
  return vendor && (await access.mayInProject(vendor.projectId, 'VIEWER')) ? vendor : null
}

/** For mutations; not through the loader, which would remember how the vendor was before. */
export async function requireVendor(
  id: string,
  { access, database }: LabelingContext,
  role: ProjectRole,
): Promise<VendorRow> {
  const vendor = await database.manager.findOneBy(VendorRow, { id })
  if (!vendor || !(await access.mayInProject(vendor.projectId, 'VIEWER'))) throw notFound('vendor', id)
  await access.requireProject(vendor.projectId, role)
  return vendor
}
