import { spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { homeFolder, prepareHome, readIfThere, root } from '../home.ts'
import { supervisorOf } from '../supervisor/claim.ts'
import { logFolder, logOf } from '../supervisor/logs.ts'
import { readRunFile, type RunFile } from '../supervisor/run-file.ts'
import { UsageError } from '../usage-error.ts'
import { paint } from './terminal.ts'

const patienceMs = 180_000
/** A service that failed this often while starting will not get ready by itself. */
const hopelessAfter = 4

/** Starts the platform in the background, tells how it gets on, and returns when all is ready. */
export async function start(words: readonly string[]): Promise<number> {
  const { port, host, fromSource } = readOptions(words)
  const home = homeFolder()
  if (supervisorOf(home) !== undefined) return sayRunning(home)

  prepareHome(home)
  const output = logOf(home, 'start')
  const outputTo = openSync(output, 'w', 0o600)
  const options = [
    `--ymir-home=${home}`,
    `--port=${port}`,
    `--host=${host}`,
    ...(fromSource ? ['--from-source'] : []),
  ]
  const supervisor = spawn(
    process.execPath,
    [...process.execArgv, join(root, 'deploy', 'supervisor', 'main.ts'), ...options],
    {
      cwd: root,
      detached: true,
      stdio: ['ignore', outputTo, outputTo],
    },
  )
  closeSync(outputTo)
  supervisor.unref()
  const started = Date.now()
  console.log(`Starting YMIR in ${home}`)
  const run = await follow(home, supervisor.pid, () => supervisor.exitCode ?? supervisor.signalCode)
  if (!run) {
    console.error(`${paint.red('The platform did not start.')} ${readIfThere(output)?.trim() ?? ''}`)
    console.error(`Everything that was said: ${logFolder(home)}; what may be missing: bash ymir.sh doctor`)
    return 1
  }
  console.log(`\nReady after ${((Date.now() - started) / 1000).toFixed(1)} s.`)
  sayAddresses(home, run)
  return 0
}

function readOptions(words: readonly string[]): { port: number; host: string; fromSource: boolean } {
  const options = {
    port: { type: 'string' },
    host: { type: 'string' },
    'from-source': { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: [...words], options })
  const port = Number(values.port ?? process.env.YMIR_GATEWAY_PORT ?? 12001)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${values.port} is not a port`)
  return {
    port,
    fromSource: values['from-source'] ?? false,
    host: values.host ?? process.env.YMIR_HOST ?? '127.0.0.1',
  }
}

async function sayRunning(home: string): Promise<number> {
  const run = readRunFile(home)
  console.log('YMIR is running already.')
  if (run) sayAddresses(home, run)
  return 0
}

/** Prints each process as it becomes ready. @returns what runs, or undefined when it will not get ready */
async function follow(
  home: string,
  pid: number | undefined,
  ended: () => number | string | null,
): Promise<RunFile | undefined> {
  const told = new Set<string>()
  const deadline = Date.now() + patienceMs
  while (Date.now() < deadline) {
    await delay(100)
    if (ended() !== null) return undefined
    const run = readRunFile(home)
    if (run?.supervisor.pid !== pid || !run) continue
    for (const { name, state, port, pid: of } of run.processes) {
      if (state !== 'ready' || told.has(name)) continue
      told.add(name)
      console.log(`  ${paint.green('ready')} ${name.padEnd(10)} port ${String(port).padEnd(6)} pid ${of}`)
    }
    if (told.size > 2 && run.processes.every(({ state }) => state === 'ready')) return run
    const hopeless = run.processes.find(
      ({ state, restarts }) => state !== 'ready' && restarts >= hopelessAfter,
    )
    if (hopeless) {
      sayEndOf(logOf(home, hopeless.name), `${hopeless.name} ends again and again while starting. It said:`)
      return undefined
    }
  }
  const late = readRunFile(home)?.processes.filter(({ state }) => state !== 'ready')
  console.error(`Not ready after ${patienceMs / 1000} s: ${late?.map(({ name }) => name).join(', ')}`)
  return undefined
}

function sayEndOf(log: string, title: string): void {
  if (!existsSync(log) || statSync(log).size === 0) return
  console.error(`${title}\n${readIfThere(log)?.trim().split('\n').slice(-15).join('\n')}\n`)
}

function sayAddresses(home: string, { gatewayUrl, notes }: RunFile): void {
  for (const note of notes) console.log(paint.yellow(`Note: ${note}.`))
  console.log(`
  dashboard      ${paint.bold(gatewayUrl)}
  GraphQL        ${paint.bold(`${gatewayUrl}/graphql`)}   (subscriptions: ${gatewayUrl.replace('http', 'ws')}/graphql)
  data           ${home}
  logs           bash ymir.sh logs -f

The first to sign up becomes the administrator. Stop with: bash ymir.sh stop`)
}
