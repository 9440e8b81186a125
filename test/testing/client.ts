import { createClient, type Client } from 'graphql-ws'
import { basename } from 'node:path'
import { Upload } from 'tus-js-client'
import { waitUntil } from '@ymir/service'
import WebSocket from 'ws'

/** The graph said no. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }

  get code(): unknown {
    return this.extensions.code
  }
}

interface Answer<T> {
  data?: T | null
  errors?: { message: string; extensions?: Record<string, unknown> }[]
}

/** What any program can do with YMIR: queries over HTTP, subscriptions over graphql-ws, uploads by tus, files. */
export class ApiClient {
  constructor(
    readonly gatewayUrl: string,
    private readonly token = '',
  ) {}

  withToken(token: string): ApiClient {
    return new ApiClient(this.gatewayUrl, token)
  }

  /** @throws Refused with the first error of the graph */
  async ask<T>(query: string, variables: object = {}): Promise<T> {
    const response = await fetch(`${this.gatewayUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.authorization },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as Answer<T> // GraphQL over HTTP
    if (errors?.[0]) throw new Refused(errors[0].message, errors[0].extensions)
    if (!data) throw new Refused(`HTTP ${response.status}`)
    return data
  }

  /** Follows a subscription; `variables.after` says from where on, and each cut continues behind the last payload. */
  follow<Payload extends { cursor: string }>(
    query: string,
    variables: Readonly<Record<string, unknown>>,
  ): Following<Payload> {
    return new Following(this.gatewayUrl.replace(/^http/, 'ws') + '/graphql', this.token, query, variables)
  }

  /** @returns the upload's id */
  upload(bytes: Buffer, filename: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const upload = new Upload(bytes, {
        endpoint: `${this.gatewayUrl}/files/uploads`,
        headers: this.authorization,
        uploadSize: bytes.length,
        metadata: { filename },
        retryDelays: [100, 500, 2_000],
        onError: reject,
        onSuccess: () => resolve(basename(upload.url ?? '')),
      })
      upload.start()
    })
  }

  /** GET of a file route. @throws Refused when it is not there */
  async download(path: string): Promise<Buffer> {
    const response = await this.get(path)
    if (!response.ok) throw new Refused(`${path}: HTTP ${response.status} ${await response.text()}`)
    return Buffer.from(await response.arrayBuffer())
  }

  /** GET of a file route, whatever the answer. */
  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(new URL(path, this.gatewayUrl), { headers: { ...headers, ...this.authorization } })
  }

  private get authorization(): Record<string, string> {
    return this.token ? { authorization: `Bearer ${this.token}` } : {}
  }
}

/** A subscription that outlives its connections: after a cut it goes on behind the last payload that it got. */
export class Following<Payload extends { cursor: string }> {
  readonly payloads: Payload[] = []
  /** The error of the graph that ended it. */
  failure: Refused | undefined
  isComplete = false
  /** Connections that were opened so far. */
  connections = 0
  private stopped = false
  private socket: WebSocket | undefined
  private client: Client | undefined

  constructor(
    private readonly url: string,
    private readonly token: string,
    private readonly query: string,
    private readonly variables: Readonly<Record<string, unknown>>,
  ) {
    this.connect()
  }

  /** Cuts the connection as a broken network would. */
  cut(): void {
    this.socket?.terminate()
  }

  stop(): void {
    this.stopped = true
    void this.client?.dispose()
  }

  /** Waits until the payloads so far fit. */
  async until(
    what: string,
    fits: (payloads: readonly Payload[]) => boolean,
    timeoutMs = 60_000,
  ): Promise<void> {
    await waitUntil(
      what,
      () => {
        if (this.failure) throw this.failure
        return fits(this.payloads)
      },
      { timeoutMs },
    )
  }

  /** Waits until the subscription ended by itself. @returns all its payloads */
  async toItsEnd(timeoutMs = 60_000): Promise<readonly Payload[]> {
    await this.until('the subscription to end', () => this.isComplete, timeoutMs)
    return this.payloads
  }

  private connect(): void {
    const { query } = this
    const client = createClient({
      url: this.url,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${this.token}` },
      retryAttempts: 0,
      on: {
        opened: (socket) => {
          this.connections++
          this.socket = socket as WebSocket // made of the WebSocket given above
        },
      },
    })
    this.client = client
    const variables = { ...this.variables, after: this.payloads.at(-1)?.cursor ?? this.variables.after }
    client.subscribe<Record<string, Payload>>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (errors?.[0]) this.failure = new Refused(errors[0].message, errors[0].extensions)
          const [payload] = Object.values(data ?? {})
          if (payload) this.payloads.push(payload)
        },
        error: (error) => this.onError(error),
        complete: () => (this.isComplete = !this.stopped),
      },
    )
  }

  /** The graph's own errors are an end, unless they say that a service is away; a lost connection is not. */
  private onError(error: unknown): void {
    if (this.stopped) return
    const first = Array.isArray(error) ? (error[0] as NonNullable<Answer<never>['errors']>[0]) : undefined
    const refused = first && new Refused(first.message, first.extensions)
    if (refused && refused.code !== 'SERVICE_UNAVAILABLE') this.failure = refused
    else setTimeout(() => !this.stopped && this.connect(), 100)
  }
}
