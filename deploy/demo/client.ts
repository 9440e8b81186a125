import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { createClient, type Client } from 'graphql-ws'
import { Upload } from 'tus-js-client'
import WebSocket from 'ws'

/** The graph said no; the message is for the person. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string,
  ) {
    super(message)
  }
}

interface Answer<T> {
  data?: T
  errors?: { message: string; extensions?: { code?: string } }[]
}

/** A client of the public API: queries over HTTP, subscriptions over graphql-ws, uploads by tus. */
export class ApiClient {
  private readonly sockets: Client

  constructor(
    private readonly gatewayUrl: string,
    private readonly token: string = '',
  ) {
    this.sockets = createClient({
      url: `${gatewayUrl.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 30,
      shouldRetry: () => true,
    })
  }

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
    const problem = errors?.[0]
    if (problem || !data)
      throw new Refused(problem?.message ?? `HTTP ${response.status}`, problem?.extensions?.code ?? '')
    return data
  }

  /** Payloads of a subscription, until it ends or the loop is left. A cut connection is taken up again. */
  async *follow<T extends { cursor: string }>(query: string, variables: object): AsyncGenerator<T> {
    let after: string | undefined
    for await (const { data, errors } of this.sockets.iterate<Record<string, T>>({
      query,
      variables: { ...variables, after },
    })) {
      if (errors?.[0]) throw new Refused(errors[0].message, String(errors[0].extensions?.code ?? ''))
      const update = Object.values(data ?? {})[0]
      if (!update) continue
      after = update.cursor
      yield update
    }
  }

  /** Uploads a file in pieces that a cut does not lose. @returns the upload's id */
  upload(path: string, onProgress: (share: number) => void): Promise<string> {
    return new Promise((resolve, reject) => {
      const upload = new Upload(createReadStream(path), {
        endpoint: `${this.gatewayUrl}/files/uploads`,
        headers: this.authorization,
        uploadSize: statSync(path).size,
        chunkSize: 16 * 1024 * 1024,
        metadata: { filename: basename(path) },
        retryDelays: [0, 500, 2_000, 5_000],
        onProgress: (sent, total) => onProgress(total ? sent / total : 1),
        onError: reject,
        onSuccess: () => resolve(basename(upload.url ?? '')),
      })
      upload.start()
    })
  }

  async close(): Promise<void> {
    await this.sockets.dispose()
  }

  private get authorization(): Record<string, string> {
    return this.token ? { authorization: `Bearer ${this.token}` } : {}
  }
}
