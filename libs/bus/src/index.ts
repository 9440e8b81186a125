export { openBus, type Bus, type Handler, type Occurrence } from './bus.ts'
export { busMigrations } from './migrations.ts'
export { EVENTS_STREAM, TELEMETRY_STREAM, ensureStreams } from './streams.ts'
export { connectToNats } from './connection.ts'
export { endWhenConsumerIsGone } from './consumer-gone.ts'
export {
  openEventFeed,
  type EventFeed,
  type EventFeedOptions,
  type FeedEvent,
  type StreamLife,
} from './feed.ts'
