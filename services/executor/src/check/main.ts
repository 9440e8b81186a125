/** `bash ymir.sh check-image`: holds an executor image against the contract, without the platform. */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { JobProblem } from '../job/failure.ts'
import { BadRequest, checkImage, type Listener } from './check.ts'
import { verdictOf, type Finding } from './promises.ts'
import { readRequest } from './request.ts'

const stopped = new AbortController()
// the first one stops what runs, a second one ends at once
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => stopped.abort(new BadRequest(`stopped by ${signal}`)))

/** @returns the exit code */
async function main(words: string[]): Promise<number> {
  try {
    const { keep, ...request } = await readRequest(words)
    const home = keep === undefined ? await mkdtemp(join(tmpdir(), 'ymir-check-')) : await emptyFolder(keep)
    try {
      return conclude(await checkImage({ ...request, home }, terminal, stopped.signal))
    } finally {
      if (keep === undefined) await rm(home, { recursive: true, force: true })
      else console.log(`\nthe jobs' folders are kept in ${join(home, 'jobs')}`)
    }
  } catch (error) {
    console.error(isForTheUser(error) ? `check-image: ${error.message}` : error)
    if (error instanceof JobProblem) console.error(`             ${error.advice}`)
    console.error('\nverdict: not found out')
    return 2
  }
}

/** What the user, the machine or the container engine can set right; of anything else the stack is told. */
function isForTheUser(error: unknown): error is Error {
  return error instanceof BadRequest || error instanceof JobProblem || isOfEngine(error)
}

function isOfEngine(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error // dockerode's errors have it
}

function conclude(findings: readonly Finding[]): number {
  console.log(`\nverdict: ${verdictOf(findings)}`)
  return findings.some(({ verdict }) => verdict === 'broken') ? 1 : 0
}

async function emptyFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true })
  if ((await readdir(path)).length) throw new BadRequest(`--keep ${path}: the folder is not empty`)
  return resolve(path)
}

const terminal: Listener = {
  part: (title) => console.log(`\n${title}`),
  line: (text) => console.log(`  | ${text}`),
  finding: ({ verdict, found, remedy }) => {
    console.log(`  ${verdict.padEnd(6)}  ${found}`)
    if (remedy) console.log(`          ${remedy}`)
  },
}

process.exitCode = await main(process.argv.slice(2))
