import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../home.ts'

/** The check is the executor's own code, and a program of its own: nobody imports a service. */
export function checkImage(words: readonly string[]): Promise<number> {
  const program = join(root, 'services', 'executor', 'src', 'check', 'main.ts')
  const child = spawn(process.execPath, [...process.execArgv, program, ...words], { stdio: 'inherit' })
  // it stops what it runs, then ends: the terminal tells it of Ctrl-C itself, of the rest it hears from here
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 2))
  })
}
