import { connectToNats, EVENTS_STREAM, TELEMETRY_STREAM } from '@ymir/bus'
import { headers, type MsgHdrs } from 'nats'
import { waitUntil } from '@ymir/service'

/** The services that act on events of others. */
const listeners = ['dataset', 'executor', 'labeling', 'mining', 'model']

export interface Message {
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly data: Readonly<Record<string, unknown>>
}

/** The bus as somebody outside of the platform sees it: any reader and writer of NATS. */
export async function openStreams(natsUrl: string) {
  const nats = await connectToNats(natsUrl, 'contract test')
  const manager = await nats.jetstreamManager()

  async function readAll(stream: string): Promise<Message[]> {
    const { state } = await manager.streams.info(stream)
    const messages: Message[] = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
      const { subject, header, data } = await manager.streams.getMessage(stream, { seq })
      const text = new TextDecoder().decode(data)
      messages.push({ subject, headers: plain(header), data: JSON.parse(text) as Message['data'] })
    }
    return messages
  }

  return {
    facts: () => readAll(EVENTS_STREAM),
    telemetry: () => readAll(TELEMETRY_STREAM),

    publish: async (message: Message): Promise<void> => {
      const to = headers()
      for (const [name, value] of Object.entries(message.headers)) to.set(name, value)
      const bytes = new TextEncoder().encode(JSON.stringify(message.data))
      await nats.jetstream().publish(message.subject, bytes, { headers: to, msgID: message.headers['ce-id'] })
    },

    /** Waits until each service that listens has taken all that is in the stream. */
    whenAllTaken: (): Promise<true> =>
      waitUntil(
        'every service to take every event',
        async () => {
          const consumers = await manager.consumers.list(EVENTS_STREAM).next()
          const idle = consumers.filter(
            ({ num_pending, num_ack_pending }) => num_pending + num_ack_pending === 0,
          )
          return listeners.every((name) => idle.some((one) => one.name === name))
        },
        { timeoutMs: 30_000, everyMs: 100 },
      ),

    close: () => nats.close(),
  }
}

function plain(of: MsgHdrs): Record<string, string> {
  return Object.fromEntries([...of].map(([name, values]) => [name, values[0] ?? '']))
}
