import { connect, type NatsConnection } from 'nats'

/** Connects to nats-server and keeps trying for as long as the process lives; also when the server is not up yet. */
export function connectToNats(url: string, name: string): Promise<NatsConnection> {
  const { username, password, host } = new URL(url)
  return connect({
    servers: host,
    user: username ? decodeURIComponent(username) : undefined,
    pass: password ? decodeURIComponent(password) : undefined,
    name,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
  })
}
