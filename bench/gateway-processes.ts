import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { startNats } from '@ymir/deploy'

export const secret = 'the secret of a bench, which is long enough'

/** Where the small services of the gateway's tests listen. */
export interface Places {
  readonly supergraph: string
  readonly services: Readonly<Record<string, string>>
}

export interface GatewayProcesses {
  readonly url: string
  readonly natsUrl: string
  readonly places: Places
  /** Starts one more program, with tsx; it ends with the others. */
  start(program: readonly string[]): ChildProcess
  stop(): Promise<void>
}

/** nats-server, the small services of the gateway's tests and the gateway, each a process of its own. */
export async function startGatewayProcesses(): Promise<GatewayProcesses> {
  console.log(
    `load of the machine before: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores ` +
      '(above half of them others disturb the figures)',
  )
  const folder = mkdtempSync(join(tmpdir(), 'ymir-bench-'))
  const children: ChildProcess[] = []
  const start = (program: readonly string[], environment: NodeJS.ProcessEnv = {}) => {
    const child = startProgram(program, environment)
    children.push(child)
    return child
  }
  const nats = await startNats({ home: folder })
  const stop = async () => {
    for (const child of children) child.kill('SIGTERM')
    await nats.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const services = start(['gateway/src/testing/serve.main.ts', folder, secret])
    const places = JSON.parse(await firstLine(services, /^\{/)) as Places // printed by that program
    const addresses = Object.entries({ mining: 'http://127.0.0.1:9', ...places.services })
    const gateway = start(['gateway/src/main.ts'], {
      YMIR_PORT: '0',
      YMIR_NATS_URL: nats.url,
      YMIR_SECRET: secret,
      YMIR_HOME: folder,
      YMIR_SUPERGRAPH: places.supergraph,
      ...Object.fromEntries(addresses.map(([name, url]) => [`YMIR_${name.toUpperCase()}_URL`, url])),
    })
    const line = await firstLine(gateway, /gateway listens port=/)
    return {
      ...{ places, stop, natsUrl: nats.url, url: `http://127.0.0.1:${line.split('=').at(-1)}` },
      start: (program) => start(program),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A program of the repository with tsx, as a process of its own. */
export function startProgram(program: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', ...program], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** The first line of a program's output that fits. */
export async function firstLine(child: ChildProcess, fits: RegExp): Promise<string> {
  if (!child.stdout) throw new Error('the process has no output')
  for await (const line of createInterface(child.stdout)) if (fits.test(line)) return line
  throw new Error(`the process ended without a line like ${fits}`)
}

/** The value below which a part (0..1) of all values lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}
