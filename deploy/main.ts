import { UsageError } from './usage-error.ts'

interface Command {
  readonly usage: string
  readonly does: string
  /** @returns the exit code */
  readonly load: () => Promise<(words: readonly string[]) => Promise<number>>
}

/** Loaded on demand: `status` need not wait for what `start` imports. */
const commands: Record<string, Command> = {
  start: {
    usage: 'start [--port 12001] [--host 127.0.0.1] [--from-source]',
    does: 'start the platform in the background',
    load: async () => (await import('./commands/start.ts')).start,
  },
  stop: {
    usage: 'stop',
    does: 'end it in order',
    load: async () => (await import('./commands/stop.ts')).stop,
  },
  status: {
    usage: 'status',
    does: 'what runs: state, pid, port, up time, memory',
    load: async () => (await import('./commands/status.ts')).status,
  },
  doctor: {
    usage: 'doctor [--verify]',
    does: 'what is missing, and how to get it; --verify reads all stored bytes',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  logs: {
    usage: 'logs [service] [-f] [-n 100]',
    does: 'what all processes say, or one of them',
    load: async () => (await import('./commands/logs.ts')).logs,
  },
  demo: {
    usage: 'demo [--quick] [--train a.zip --test b.zip --pool c.zip]',
    does: 'mine, label, merge and train in rounds',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  'check-image': {
    usage: 'check-image <container image or folder> [--run]',
    does: 'hold an executor image against the contract',
    load: async () => (await import('./commands/check-image.ts')).checkImage,
  },
  test: {
    usage: 'test',
    does: 'run everything that CI runs',
    load: async () => (await import('./commands/test.ts')).test,
  },
}

const help = () =>
  [
    'bash ymir.sh <command>',
    '',
    ...Object.values(commands).map(({ usage, does }) => `  ${usage.padEnd(58)} ${does}`),
    '',
    'Everything the platform keeps lies in one folder: YMIR_HOME (default ./ymir-data).',
  ].join('\n')

async function main([name = 'help', ...words]: readonly string[]): Promise<number> {
  const command = commands[name]
  if (!command) {
    console.log(help())
    return ['help', '--help', '-h'].includes(name) ? 0 : 2
  }
  const act = await command.load()
  return act(words)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof UsageError ? `ymir: ${error.message}` : error)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
