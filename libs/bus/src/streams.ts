import { streams as contract } from '@ymir/proto-events'
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  nanos,
  type JetStreamManager,
  type StreamConfig,
  type StreamInfo,
} from 'nats'

/** Facts and requests: kept on disk for a week. */
export const EVENTS_STREAM = contract.events.name
/** Progress, scalars, log text: bounded, in memory, may be lost. */
export const TELEMETRY_STREAM = contract.telemetry.name

const day = 24 * 60 * 60 * 1000
/** How long an event can be heard again, in milliseconds; outboxes are kept as long. */
export const EVENT_RETENTION_MS = 7 * day

const streams: readonly Partial<StreamConfig>[] = [
  {
    name: EVENTS_STREAM,
    subjects: [...contract.events.subjects],
    storage: StorageType.File,
    max_age: nanos(EVENT_RETENTION_MS),
    // a relay that died between publishing and noting it publishes again after its restart
    duplicate_window: nanos(60 * 60 * 1000),
  },
  {
    name: TELEMETRY_STREAM,
    subjects: [...contract.telemetry.subjects],
    storage: StorageType.Memory,
    max_age: nanos(10 * 60 * 1000),
    max_bytes: 64 * 1024 * 1024,
    duplicate_window: nanos(1000),
  },
]

/**
 * Makes or updates both streams and returns what the server says of the events stream. Its `created` time tells one
 * life of the stream from the next: it changes when the server lost its files.
 */
export async function ensureStreams(manager: JetStreamManager): Promise<StreamInfo> {
  for (const stream of streams) {
    const config = {
      retention: RetentionPolicy.Limits,
      discard: DiscardPolicy.Old,
      num_replicas: 1,
      ...stream,
    }
    try {
      await manager.streams.add(config)
    } catch {
      // it exists with other subjects: an older version of the platform made it
      await manager.streams.update(config.name ?? '', config)
    }
  }
  return manager.streams.info(EVENTS_STREAM)
}
