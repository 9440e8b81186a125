import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { root } from '../home.ts'

/** The demo is a client of the public API, and a program of its own. */
export function demo(words: readonly string[]): Promise<number> {
  const program = join(root, 'deploy', 'demo', 'main.ts')
  const child = spawn(process.execPath, [...process.execArgv, program, ...words], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
