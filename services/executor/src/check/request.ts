import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readYaml } from '../contract/yaml.ts'
import { DockerDriver } from '../driver/docker-driver.ts'
import { ProcessDriver } from '../driver/process-driver.ts'
import { findGpus, GpuWatch } from '../queue/gpus.ts'
import { BadRequest, type CheckRequest } from './check.ts'

const usage = `bash ymir.sh check-image <container image, or folder with start.sh and img-man/> [options]

  --run                  also run tiny jobs: a training, then mining and inference with the model that came out
  --set key=value        a parameter of a template, as often as needed
  --model <folder>       the files of a model, for an image that does not train, or instead of what it trains
  --gpus <number>        GPUs for each job (0)
  --time-limit <seconds> for each job (600)
  --keep <folder>        keep /in, /out and the log of each job there

It ends with 0 when the contract is kept, 1 when it is broken, 2 when that could not be found out.`

const outputBytes = 2 ** 30

/** What the words of the command line ask for. @throws BadRequest */
export async function readRequest(words: string[]): Promise<Omit<CheckRequest, 'home'> & { keep?: string }> {
  const { values, positionals } = readWords(words)
  const [reference, ...more] = positionals
  if (reference === undefined || more.length)
    throw new BadRequest(`one image or folder is needed\n\n${usage}`)
  const isFolder = await stat(reference).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const found = await findGpus(new GpuWatch())
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
