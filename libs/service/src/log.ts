type Fields = Readonly<Record<string, unknown>>

/** One readable line for each thing that happened; the launcher prefixes the service's name. */
export const log = {
  info: (message: string, fields?: Fields) => write('info', message, fields),
  warn: (message: string, fields?: Fields) => write('warn', message, fields),
  error: (message: string, error?: unknown, fields?: Fields) =>
    write('error', error === undefined ? message : `${message}: ${describe(error)}`, fields),
}

function write(level: string, message: string, fields: Fields = {}) {
  const rest = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const line = [new Date().toISOString(), level.padEnd(5), message, ...rest].join(' ')
  process[level === 'info' ? 'stdout' : 'stderr'].write(line + '\n')
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
