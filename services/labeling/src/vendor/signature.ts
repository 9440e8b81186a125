import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'whsec_'
const secretBytes = 32

/** A secret that signs webhooks, as Standard Webhooks 1.0 writes it: `whsec_` and base64. */
export function newWebhookSecret(): string {
  return prefix + randomBytes(secretBytes).toString('base64')
}

/**
 * The headers that go with a webhook (Standard Webhooks 1.0): HMAC-SHA256 of `id.timestamp.body`, one signature for each
 * secret, so that a receiver that still has the earlier one verifies it too.
 * @param secrets as `newWebhookSecret` makes them
 * @param sentAt now, at each try: receivers refuse what was signed long ago
 */
export function signWebhook(
  { id, body, sentAt }: { readonly id: string; readonly body: string; readonly sentAt: Date },
  secrets: readonly string[],
): Record<string, string> {
  const timestamp = Math.floor(sentAt.getTime() / 1_000)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  }
}
