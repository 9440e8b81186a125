import { freePort } from '../processes.ts'
import type { ServiceDescription } from './services.ts'

/** How many ports after the wanted one are tried before any. */
const neighbours = 20

/** A free port for each service; for the gateway the wanted one, or the next free one after it. 0: any. */
export async function choosePorts(
  services: readonly ServiceDescription[],
  gatewayPort: number,
  gatewayHost: string,
): Promise<Map<string, number>> {
  const ports = new Map<string, number>()
  for (const { name } of services) {
    let port = name === 'gateway' ? await freePortFrom(gatewayPort, gatewayHost) : await freePort()
    while ([...ports.values()].includes(port)) port = await freePort()
    ports.set(name, port)
  }
  return ports
}

async function freePortFrom(wanted: number, host: string): Promise<number> {
  if (wanted === 0) return freePort(0, host)
  for (let port = wanted; port < wanted + neighbours; port++) {
    if ((await freePort(port, host)) === port) return port
  }
  return freePort(0, host)
}
