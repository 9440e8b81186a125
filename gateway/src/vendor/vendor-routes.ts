import { DomainError, type VendorCaller } from '@ymir/graphql'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { unauthenticated } from '../caller/authenticator.ts'
import type { Edge } from '../caller/edge.ts'
import { sendItem } from '../file/labelling-routes.ts'
import type { Graph } from '../graph/graph.ts'
import type { Service } from '../graph/service.ts'

interface Parts {
  readonly edge: Edge
  readonly graph: Pick<Graph, 'query'>
  readonly services: ReadonlyMap<string, Service>
}

const Page = z.object({
  first: z.coerce.number().int().min(1).max(100).default(100),
  after: z.string().max(1_000).optional(),
})
const TaskPath = z.object({ taskId: z.string().max(100) })
const ImagePath = TaskPath.extend({ itemId: z.string().max(100) })
const Results = z.object({ results: z.array(z.unknown()).max(500) })

/**
 * The door for labelling vendors that would rather not speak GraphQL: the same questions, as the vendor, at plain
 * addresses (docs/vendors.md). What the vendor may see is decided by the labeling service.
 */
export function vendorRoutes(app: FastifyInstance, { edge, graph, services }: Parts): void {
  const vendorOf = async (request: FastifyRequest): Promise<VendorCaller> => {
    const caller = await edge.callerOf(request)
    if (caller.kind === 'vendor') return caller
    throw unauthenticated("this is for vendors: send a vendor's token as `Authorization: Bearer ...`")
  }

  app.get('/vendor/tasks', async (request) => {
    const caller = await vendorOf(request)
    const { vendorTasks } = await graph.query<TasksAnswer>(tasksQuery, parsed(Page, request.query), {
      caller,
    })
    return { tasks: nodesOf(vendorTasks), next: nextOf(vendorTasks) }
  })

  app.get('/vendor/tasks/:taskId', async (request) => {
    const caller = await vendorOf(request)
    const { taskId } = parsed(TaskPath, request.params)
    const { vendorTask } = await graph.query<{ vendorTask: object | null }>(taskQuery, { taskId }, { caller })
    if (!vendorTask) throw notYours('labelling task', taskId)
    return vendorTask
  })

  app.get('/vendor/tasks/:taskId/items', async (request) => {
    const caller = await vendorOf(request)
    const variables = { ...parsed(Page, request.query), ...parsed(TaskPath, request.params) }
    const { vendorItems } = await graph.query<ItemsAnswer>(itemsQuery, variables, { caller })
    return { items: nodesOf(vendorItems), next: nextOf(vendorItems) }
  })

  app.post('/vendor/tasks/:taskId/results', async (request) => {
    const caller = await vendorOf(request)
    const { taskId } = parsed(TaskPath, request.params)
    const { results } = parsed(Results, request.body)
    const input = { taskId, results }
    const { submitResults } = await graph.query<ResultsAnswer>(resultsMutation, { input }, { caller })
    return submitResults
  })

  app.get('/vendor/tasks/:taskId/images/:itemId', async (request, reply) => {
    const caller = await vendorOf(request)
    const path = parsed(ImagePath, request.params)
    const { vendorImage } = await graph.query<ImageAnswer>(imageQuery, path, { caller })
    if (!vendorImage) throw notYours('image', path.itemId)
    return sendItem(request, reply, { ...path, folder: 'assets' }, { graph, services })
  })
}

function parsed<T>(shape: z.ZodType<T>, value: unknown): T {
  const read = shape.safeParse(value)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new DomainError('BAD_USER_INPUT', `${issue?.path.join('.') || 'the body'}: ${issue?.message}`)
}

function notYours(what: string, id: string): DomainError {
  return new DomainError('NOT_FOUND', `there is no ${what} of yours ${id}`, { id })
}

interface Found {
  readonly edges: readonly { readonly node: object }[]
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
}

const nodesOf = ({ edges }: Found) => edges.map(({ node }) => node)
/** To be given as `after`; null: there is no more. */
const nextOf = ({ pageInfo }: Found) => (pageInfo.hasNextPage ? pageInfo.endCursor : null)

interface TasksAnswer {
  readonly vendorTasks: Found
}
interface ItemsAnswer {
  readonly vendorItems: Found
}
interface ResultsAnswer {
  readonly submitResults: object
}
interface ImageAnswer {
  readonly vendorImage: object | null
}

const taskFields = 'id name state classes itemCount todoCount createdAt'

const tasksQuery = /* GraphQL */ `
  query TasksOfVendor($first: Int, $after: String) {
    vendorTasks(first: $first, after: $after) {
      edges {
        node {
          ${taskFields}
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

const taskQuery = /* GraphQL */ `
  query TaskOfVendor($taskId: ID!) {
    vendorTask(id: $taskId) {
      ${taskFields}
    }
  }
`

const itemsQuery = /* GraphQL */ `
  query ItemsOfVendor($taskId: ID!, $first: Int, $after: String) {
    vendorItems(taskId: $taskId, first: $first, after: $after) {
      edges {
        node {
          id
          state
          width
          height
          imagePath
          nextRevision
          comment
          annotations {
            label
            box {
              x
              y
              width
              height
            }
            rotation
            difficult
            truncated
            crowd
          }
          predictions {
            label
            score
            box {
              x
              y
              width
              height
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`

const resultsMutation = /* GraphQL */ `
  mutation ResultsOfVendor($input: SubmitResultsInput!) {
    submitResults(input: $input) {
      outcomes {
        itemId
        outcome
        problem
      }
    }
  }
`

const imageQuery = /* GraphQL */ `
  query ImageOfVendor($taskId: ID!, $itemId: ID!) {
    vendorImage(taskId: $taskId, itemId: $itemId) {
      assetId
    }
  }
`
