import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'
import { root } from '../home.ts'
import { generateBricks } from './bricks/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'ymir-demo-test-'))
const environment = { ...process.env, YMIR_HOME: join(folder, 'home'), NO_COLOR: '1' }
const ymir = (...words: string[]) =>
  promisify(execFile)('bash', [join(root, 'ymir.sh'), ...words], { env: environment })

afterAll(async () => {
  await ymir('stop')
  rmSync(folder, { recursive: true, force: true })
})

async function archive(name: string, seed: number, images: number): Promise<string> {
  const file = join(folder, `${name}.zip`)
  const size = { width: 96, height: 72 }
  await generateBricks({ name, seed, images, balance: 'natural', size }, file)
  return file
}

it('runs the loop on archives of one’s own, and ends with the table, the chart and a running platform', async () => {
  const [train, test, pool] = [await archive('a', 1, 8), await archive('b', 2, 6), await archive('c', 3, 10)]
  const small = ['network=tiny', 'input_size=64', 'steps=6', 'batch_size=2', 'evaluate_every=6']
  const { stdout } = await ymir(
    ...['demo', '--train', train, '--test', test, '--pool', pool, '--rounds', '2', '--mine', '3'],
    ...small.flatMap((one) => ['--set', one]),
  )

  const table = stdout.split('\n').filter((line) => /^\d +\d+ +\d+ /.test(line))
  expect(table.map((line) => line.split(/ +/).slice(0, 3).join(' '))).toEqual(['0 8 10', '1 11 7', '2 14 4'])
  const [, chart = ''] = /Chart: (.+\.svg)/.exec(stdout) ?? []
  expect(readFileSync(chart, 'utf8')).toMatch(/^<svg[^]*<\/svg>\s*$/)
  expect((await ymir('status')).stdout).toMatch(/gateway/)
}, 240_000)
