import { useCallback, useEffect, useState } from 'react'

/** How a service is, as GET /health/services tells. */
export interface ServiceHealth {
  readonly name: string
  readonly state: 'UP' | 'DOWN'
  readonly answerMs?: number
  readonly uptimeSeconds?: number
}

const askAgainMs = 5_000

/** The health of all services, asked anew while the page is looked at. */
export function useServiceHealth() {
  const [services, setServices] = useState<readonly ServiceHealth[]>()
  const [error, setError] = useState<unknown>()
  const ask = useCallback(async () => {
    try {
      setServices(await askHealth())
      setError(undefined)
    } catch (problem) {
      setError(problem)
    }
  }, [])
  useEffect(() => {
    void ask()
    const timer = setInterval(() => document.hidden || void ask(), askAgainMs)
    return () => clearInterval(timer)
  }, [ask])
  return { services, error, askAgain: () => void ask() }
}

async function askHealth(): Promise<ServiceHealth[]> {
  const answer = await fetch('/health/services')
  const body = (await answer.json()) as {
    services?: ServiceHealth[]
    errors?: { message: string }[]
  } // service-health.ts and http.ts of the gateway give the shape
  if (body.services) return body.services
  throw new Error(body.errors?.[0]?.message ?? answer.statusText)
}
