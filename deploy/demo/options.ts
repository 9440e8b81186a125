import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { UsageError } from '../usage-error.ts'

export interface DemoOptions {
  readonly quick: boolean
  readonly rounds: number
  /** Images mined each round. */
  readonly mine: number
  readonly seed: number
  /** Undefined: the platform's own choice. */
  readonly strategy: string | undefined
  /** Hyper-parameters over those of the budget, as `name=value`. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** The user's own Pascal VOC archives. */
  readonly archives: { readonly train: string; readonly test: string; readonly pool: string } | undefined
}

const usage =
  'usage: bash ymir.sh demo [--quick] [--rounds N] [--mine N] [--strategy entropy] [--seed N] [--set steps=900 ...]\n' +
  '                         [--train a.zip --test b.zip --pool c.zip]'

/** @throws UsageError with the usage */
export function readOptions(words: readonly string[]): DemoOptions {
  const text = { type: 'string' } as const
  let values
  try {
    ;({ values } = parseArgs({
      args: [...words],
      options: {
        ...{
          quick: { type: 'boolean', default: false },
          rounds: text,
          mine: text,
          seed: text,
          strategy: text,
        },
        ...{ train: text, test: text, pool: text, set: { type: 'string', multiple: true } },
      },
    }))
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
  }
  const quick = values.quick ?? false
  return {
    quick,
    rounds: count('--rounds', values.rounds, quick ? 2 : 4),
    mine: count('--mine', values.mine, 20),
    seed: count('--seed', values.seed, 1),
    strategy: values.strategy?.toUpperCase(),
    parameters: Object.fromEntries((values.set ?? []).map(assignment)),
    archives: archivesOf(values),
  }
}

function count(name: string, value: string | undefined, usual: number): number {
  const number = Number(value ?? usual)
  if (Number.isInteger(number) && number > 0) return number
  throw new UsageError(`${name} ${value} is not a whole number above 0\n${usage}`)
}

function assignment(text: string): [string, unknown] {
  const [name, value] = text.split('=')
  if (!name || value === undefined) throw new UsageError(`--set ${text}: write name=value\n${usage}`)
  try {
    return [name, JSON.parse(value)]
  } catch {
    return [name, value]
  }
}

function archivesOf({
  train,
  test,
  pool,
}: {
  train?: string
  test?: string
  pool?: string
}): DemoOptions['archives'] {
  if (!train && !test && !pool) return undefined
  if (!train || !test || !pool) throw new UsageError(`--train, --test and --pool go together\n${usage}`)
  const archives = { train: resolve(train), test: resolve(test), pool: resolve(pool) }
  for (const path of Object.values(archives))
    if (!existsSync(path)) throw new UsageError(`there is no file ${path}`)
  return archives
}
