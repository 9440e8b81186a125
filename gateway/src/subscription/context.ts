import type { Facts } from '../feed/facts.ts'
import type { News } from '../feed/news.ts'
import type { Graph } from '../graph/graph.ts'
import type { GraphContext } from '../graph/service.ts'

/** Who subscribes. Their rights may change while they do: ask each time. */
export interface Subscriber {
  /** For the graph, with the rights of this moment. */
  context(): GraphContext
  /** Equal for subscribers who see the same of everything. */
  rights(): string
}

/** What a subscription reads from. */
export interface SubscriptionContext {
  readonly graph: Pick<Graph, 'query' | 'execute'>
  readonly facts: Facts
  readonly news: News
  readonly subscriber: Subscriber
}

/** One payload of a subscription, before the client's selection is applied to it. */
export interface Update {
  /** Equal for payloads that say the same, whoever gets them; the cursor does not count. */
  readonly key: string
  /** Written when a client asks for it; many who get the same share one. */
  readonly cursor: () => string
  readonly [field: string]: unknown
}

/** What a subscription's source is called with. */
export interface Following {
  readonly id: string
  readonly after?: string | null
  readonly context: SubscriptionContext
  /** Ends the subscription. */
  readonly signal: AbortSignal
}
