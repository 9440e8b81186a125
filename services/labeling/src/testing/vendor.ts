import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { waitUntil } from '@ymir/service'
import { clientOf } from './client.ts'
import { someAssets, type Answer, type TestPlatform } from './platform.ts'

export interface MadeVendor {
  readonly id: string
  readonly webhookSecret: string
  readonly natsSeed: string | null
}

export interface Item {
  readonly id: string
  readonly imagePath: string
  readonly nextRevision: number
  readonly comment: string | null
  readonly annotations: readonly object[]
}

export interface Outcome {
  readonly itemId: string
  readonly outcome: string
  readonly problem: string | null
}

const box = { x: 1, y: 2, width: 30, height: 40 }

/** A result with one brick; another width is another answer. */
export function aResult(itemId: string, revision = 0, width = 30): object {
  return { itemId, revision, annotations: [{ label: 'brick', box: { ...box, width } }] }
}

/** Vendors and their owner on a test platform. */
export function vendorsOf(platform: TestPlatform) {
  const owner = platform.someone('OWNER')
  const people = clientOf(platform, owner)
  let named = 0

  /** Calls a mutation as the owner. @throws Error that it was refused with */
  async function command<Payload>(name: string, input: object, selection: string): Promise<Payload> {
    const type = inputTypes[name] ?? `${name[0]!.toUpperCase()}${name.slice(1)}Input`
    const query = `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`
    const { data, message } = await platform.ask(owner, query, { input })
    if (message) throw new Error(message)
    return (data as Record<string, Payload>)[name]! // the selection gives the shape
  }

  return {
    owner,
    people,
    command,

    create: async (input: object = {}): Promise<MadeVendor> => {
      const wanted = { projectId: platform.projectId, name: `vendor ${++named}`, ...input }
      const made = await command<MadeVendor & { vendor: { id: string } }>(
        'createVendor',
        wanted,
        'vendor { id } token webhookSecret natsSeed',
      )
      return { ...made, id: made.vendor.id }
    },

    /** A task of a vendor, its images there. @returns its id, and its items as the vendor sees them */
    aTask: async (
      vendorId: string,
      { images = 2, ...input }: { images?: number; [more: string]: unknown } = {},
    ) => {
      const versionId = await platform.aVersion(someAssets(images))
      const { done } = await people.create({ versionId, classes: ['brick'], vendorId, ...input })
      const { id } = await people.ready(done?.id ?? '')
      return { id, items: await itemsFor(vendorId, id) }
    },

    itemsFor,

    submit: async (vendorId: string, taskId: string, results: readonly object[]): Promise<Outcome[]> => {
      const query = `mutation ($input: SubmitResultsInput!) {
        submitResults(input: $input) { outcomes { itemId outcome problem } }
      }`
      const input = { taskId, results }
      const { data, message } = await platform.ask(platform.vendor(vendorId), query, { input })
      if (message) throw new Error(message)
      return (data as { submitResults: { outcomes: Outcome[] } }).submitResults.outcomes
    },

    /** Of what a vendor was told, newest first. */
    deliveries: async (vendorId: string) => {
      const query = `query ($id: ID!) { vendor(id: $id) { webhookProblem deliveries(first: 100) { edges { node {
        id door state attemptCount data attempts { status problem } } } } } }`
      const { data } = await platform.ask(owner, query, { id: vendorId })
      return data.vendor.deliveries.edges.map(({ node }: { node: object }) => node) as {
        readonly id: string
        readonly door: string
        readonly state: string
        readonly attemptCount: number
        readonly data: { readonly state: string; readonly todoCount: number }
        readonly attempts: readonly { readonly status: number | null; readonly problem: string | null }[]
      }[] // the query above
    },
  }

  async function itemsFor(vendorId: string, taskId: string): Promise<Item[]> {
    const query = `query ($taskId: ID!) { vendorItems(taskId: $taskId, first: 100) {
      edges { node { id imagePath nextRevision comment annotations { label } } } } }`
    const { data, message }: Answer = await platform.ask(platform.vendor(vendorId), query, { taskId })
    if (message) throw new Error(message)
    return data.vendorItems.edges.map(({ node }: { node: Item }) => node)
  }
}

const inputTypes: Readonly<Record<string, string>> = {
  renewVendorToken: 'RenewVendorInput',
  renewVendorWebhookSecret: 'RenewVendorInput',
  renewVendorNatsKey: 'VendorInput',
  closeVendor: 'VendorInput',
}

export interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** The address of a vendor: keeps what is posted to it, and answers with the status that the test wants. */
export async function anAddress() {
  const posted: Posted[] = []
  let status = 204
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posted.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    posted,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, // it listens on a port
    answers: (next: number) => (status = next),
    /** The n-th that came. */
    nth: (count: number): Promise<Posted> =>
      waitUntil(`webhook ${count}`, () => posted[count - 1], { timeoutMs: 25_000 }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
