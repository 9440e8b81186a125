import { DomainError, notFound, type GraphClient } from '@ymir/graphql'
import type { IterationSettings } from './iteration.ts'

/**
 * Who labels is one choice: naming vendors takes the automatic labeller away, naming it (or null: people) the vendors.
 * @throws DomainError BAD_USER_INPUT when both are named
 */
export function withLabeller<Choice extends Partial<IterationSettings>>(chosen: Choice): Choice {
  const { vendorIds = [], automaticLabellerId } = chosen
  if (vendorIds.length > 0 && automaticLabellerId)
    throw new DomainError('BAD_USER_INPUT', 'name vendors or an automatic labeller, not both', {
      field: 'vendorIds',
    })
  if (vendorIds.length > 0) return { ...chosen, automaticLabellerId: null }
  return automaticLabellerId === undefined ? chosen : { ...chosen, vendorIds: [] }
}

/** Whose turn it is: the vendors take the rounds one after the other. */
export function vendorOf({ vendorIds = [] }: IterationSettings, round: number): string | undefined {
  return vendorIds[(round - 1) % vendorIds.length]
}

/** @throws DomainError NOT_FOUND when one is not of the project, or is closed */
export async function checkVendors(
  graph: Pick<GraphClient, 'query'>,
  projectId: string,
  vendorIds: readonly string[] = [],
): Promise<void> {
  for (const vendorId of vendorIds) {
    const { vendor } = await graph.query<Answer>(query, { vendorId })
    if (vendor?.project.id !== projectId || vendor.closedAt)
      throw notFound('vendor in this project', vendorId)
  }
}

interface Answer {
  vendor: { closedAt: string | null; project: { id: string } } | null
}

const query = /* GraphQL */ `
  query VendorOfRound($vendorId: ID!) {
    vendor(id: $vendorId) {
      closedAt
      project {
        id
      }
    }
  }
`
