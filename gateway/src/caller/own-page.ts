import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a request comes from a page that the gateway itself serves, or from one of the allowed origins. A browser
 * sends the session cookie with requests of any page, so the cookie counts for these only (OWASP: verifying the origin
 * with standard headers).
 */
export function isOwnPage({ origin, host }: IncomingHttpHeaders, corsOrigins: readonly string[]): boolean {
  if (!origin) return false
  return corsOrigins.includes(origin) || (URL.canParse(origin) && new URL(origin).host === host)
}
