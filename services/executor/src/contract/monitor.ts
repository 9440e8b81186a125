/** What an image last told in monitor.txt. */
export interface MonitorReport {
  /** 0 to 1 */
  readonly progress: number
  /** 1 pending, 2 running, 3 done, 4 error */
  readonly state?: number
  /** a number of the executor SDKs */
  readonly errorCode?: number
  readonly message?: string
}

/**
 * Reads monitor.txt: `task_id, Unix seconds, progress, state[, error code][, message]`, separated by tabs, or by spaces
 * as some images write; further lines are free text. Without an error code the fifth field may be the message.
 * @returns undefined when the file is half-written or garbage: the next version of it will tell
 */
export function parseMonitor(text: string): MonitorReport | undefined {
  const line = text.split(/\r?\n/, 1)[0] ?? ''
  const fields = line.includes('\t') ? line.split('\t') : splitAtSpaces(line)
  const [, seconds, progressText, stateText, ...rest] = fields.map((field) => field.trim())
  const progress = toNumber(progressText)
  if (toNumber(seconds) === undefined || progress === undefined) return undefined
  const state = toNumber(stateText)
  const code = rest[0] === undefined ? undefined : toNumber(rest[0])
  const message = (code === undefined ? rest : rest.slice(1)).join(' ').trim()
  return {
    progress: Math.min(1, Math.max(0, progress)),
    state,
    errorCode: code || undefined, // 0: no error
    message: message || undefined,
  }
}

/** The fifth and all further words are code and message. */
function splitAtSpaces(line: string): string[] {
  const words = line.trim().split(/\s+/)
  const [code, ...message] = words.slice(4)
  return code === undefined ? words : [...words.slice(0, 4), code, message.join(' ')]
}

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}
