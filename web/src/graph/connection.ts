import { createClient } from 'graphql-ws'

const pingEveryMs = 10_000
const pongWithinMs = 5_000

export type ConnectionState = 'connecting' | 'connected' | 'lost'

/** The one socket of the page, and what is known of it; it comes back by itself, however long it was away. */
export class LiveConnection {
  state: ConnectionState = 'connecting'
  private readonly listeners = new Set<() => void>()
  private readonly reconnected = new Set<() => void>()
  private pongTimeout: number | undefined

  readonly client = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    lazyCloseTimeout: 30_000,
    keepAlive: pingEveryMs,
    retryAttempts: Infinity,
    // quick at first: most losses are a restart or a laptop that wakes
    retryWait: (attempt) =>
      new Promise((resolve) =>
        setTimeout(resolve, Math.min(5_000, 200 * 2 ** attempt) * (0.5 + Math.random() / 2)),
      ),
    shouldRetry: (reason) => !(reason instanceof CloseEvent && reason.code === 4403),
    on: {
      connected: (_socket, _payload, wasRetry) => {
        this.become('connected')
        if (wasRetry) this.reconnected.forEach((listener) => listener())
      },
      closed: (event) => {
        clearTimeout(this.pongTimeout)
        this.become(event instanceof CloseEvent && event.code === 1000 ? 'connecting' : 'lost')
      },
      ping: (received) => {
        if (received) return
        this.pongTimeout = window.setTimeout(() => this.client.terminate(), pongWithinMs)
      },
      pong: (received) => {
        if (received) clearTimeout(this.pongTimeout)
      },
    },
  })

  constructor() {
    // the browser knows sooner than a missing pong
    addEventListener('offline', () => this.client.terminate())
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Called each time when the connection is back after a loss. */
  onReconnected(listener: () => void): () => void {
    this.reconnected.add(listener)
    return () => this.reconnected.delete(listener)
  }

  private become(state: ConnectionState): void {
    this.state = state
    this.listeners.forEach((listener) => listener())
  }
}
