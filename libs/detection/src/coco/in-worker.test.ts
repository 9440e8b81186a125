import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { evaluateCoco } from './evaluation.ts'
import { cocoFixture } from './fixtures/read-fixtures.ts'
import { evaluateInWorker } from './in-worker.ts'

const startingTakes = 60_000 // ms; loading TypeScript on a busy machine

describe('an evaluation in a worker', { timeout: startingTakes }, () => {
  const { input } = cocoFixture()

  test('gives what the evaluation in place gives, options included', async () => {
    const options = { scoreThreshold: 0.4, interval: { seed: 3, resamples: 20 } }
    expect(await evaluateInWorker(input, options)).toEqual(evaluateCoco(input, options))
  })

  test('lets the event loop turn while it works', async () => {
    let turns = 0
    let isDone = false
    const turn = () => {
      turns++
      if (!isDone) setTimeout(turn, 1)
    }
    turn()
    await evaluateInWorker(input)
    isDone = true
    expect(turns).toBeGreaterThan(10)
  })

  test('refuses bad input as the evaluation in place does', async () => {
    const detections = [{ ...input.detections[0]!, imageId: 'unheard of' }]
    await expect(evaluateInWorker({ ...input, detections })).rejects.toMatchObject({
      code: 'BAD_EVALUATION_INPUT',
    })
  })

  test('leaves its input as it was', async () => {
    const before = structuredClone(input)
    await evaluateInWorker(input)
    expect(input).toEqual(before)
  })

  test('ends when it is aborted, with the reason', async () => {
    const abort = new AbortController()
    const evaluation = evaluateInWorker(input, {}, abort.signal)
    setImmediate(() => abort.abort(new Error('no longer wanted')))
    await expect(evaluation).rejects.toThrow('no longer wanted')
    await expect(evaluateInWorker(input, {}, abort.signal)).rejects.toThrow('no longer wanted')
  })

  test('works in a program run by tsx, which ends by itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evaluation-'))
    try {
      const program = join(folder, 'program.mts')
      await writeFile(program, programText())
      const tsx = createRequire(import.meta.url).resolve('tsx/cli')
      const { stdout } = await promisify(execFile)(process.execPath, [tsx, program], {
        timeout: startingTakes,
      })
      expect(JSON.parse(stdout)).toEqual(evaluateCoco(input).summary)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

function programText(): string {
  const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)
  return `
    import { cocoFixture } from ${urlOf('./fixtures/read-fixtures.ts')}
    import { evaluateInWorker } from ${urlOf('./in-worker.ts')}
    const evaluation: { summary: object } = await evaluateInWorker(cocoFixture().input)
    console.log(JSON.stringify(evaluation.summary))
  `
}
