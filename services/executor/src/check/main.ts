/** `bash ymir.sh check-image`: holds an executor image against the contract, without the platform. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readYaml } from '../contract/yaml.ts'
import { DockerDriver } from '../driver/docker-driver.ts'
import { ProcessDriver } from '../driver/process-driver.ts'
import { JobProblem } from '../job/failure.ts'
import { findGpus } from '../queue/slots.ts'
import { BadRequest, checkImage, type CheckRequest, type Listener } from './check.ts'
import { verdictOf, type Finding } from './promises.ts'

const usage = `bash ymir.sh check-image <container image, or folder with start.sh and img-man/> [options]

  --run                  also run tiny jobs: a training, then mining and inference with the model that came out
  --set key=value        a parameter of a template, as often as needed
  --model <folder>       the files of a model, for an image that does not train, or instead of what it trains
  --gpus <number>        GPUs for each job (0)
  --time-limit <seconds> for each job (600)
  --keep <folder>        keep /in, /out and the log of each job there

It ends with 0 when the contract is kept, 1 when it is broken, 2 when that could not be found out.`

const outputBytes = 2 ** 30

const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => stopped.abort(new BadRequest(`stopped by ${signal}`)))

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
    const told = error instanceof BadRequest || error instanceof JobProblem
    console.error(told ? `check-image: ${error.message}` : error)
    if (error instanceof JobProblem) console.error(`             ${error.advice}`)
    console.error('\nverdict: not found out')
    return 2
  }
}

function conclude(findings: readonly Finding[]): number {
  console.log(`\nverdict: ${verdictOf(findings)}`)
  return findings.some(({ verdict }) => verdict === 'broken') ? 1 : 0
}

async function readRequest(words: string[]): Promise<Omit<CheckRequest, 'home'> & { keep?: string }> {
  const { values, positionals } = readWords(words)
  const [reference, ...more] = positionals
  if (reference === undefined || more.length)
    throw new BadRequest(`one image or folder is needed\n\n${usage}`)
  const isFolder = await stat(reference).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const found = await findGpus()
  const gpuCount = wholeNumber('gpus', values.gpus)
  if (gpuCount > found.length) throw new BadRequest(`--gpus ${gpuCount}: there are ${found.length} GPUs here`)
  return {
    driver: isFolder ? new ProcessDriver() : new DockerDriver(),
    reference: isFolder ? resolve(reference) : reference,
    run: values.run,
    parameters: Object.fromEntries(values.set.map(readParameter)),
    model: values.model,
    gpus: found.slice(0, gpuCount),
    limits: { timeSeconds: wholeNumber('time-limit', values['time-limit']), outputBytes, restarts: 0 },
    keep: values.keep,
  }
}

function readWords(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        run: { type: 'boolean', default: false },
        set: { type: 'string', multiple: true, default: [] },
        model: { type: 'string' },
        gpus: { type: 'string', default: '0' },
        'time-limit': { type: 'string', default: '600' },
        keep: { type: 'string' },
      },
      allowPositionals: true,
    })
  } catch (error) {
    throw new BadRequest(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

/** `key=value`, the value as YAML has it: a number, true, a list. */
function readParameter(word: string): [string, unknown] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
  if (key === undefined || value === undefined) throw new BadRequest(`--set ${word}: write key=value`)
  try {
    return [key, readYaml(value)]
  } catch {
    throw new BadRequest(`--set ${word}: the value is not YAML`)
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new BadRequest(`--${option} ${text}: write a whole number`)
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
