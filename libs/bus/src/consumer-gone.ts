import { ConsumerEvents, type ConsumerMessages } from 'nats'

/** After the loss of nats-server's files neither stream nor consumer is there: ends this round, the next makes them. */
export async function endWhenConsumerIsGone(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of await messages.status()) {
    if (
      type === ConsumerEvents.ConsumerDeleted ||
      type === ConsumerEvents.ConsumerNotFound ||
      type === ConsumerEvents.StreamNotFound
    )
      messages.stop()
  }
}
