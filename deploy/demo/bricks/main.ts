/**
 * Writes the demo's three archives: train.zip, test.zip and pool.zip.
 *
 *   npx tsx deploy/demo/bricks/main.ts --out DIR [--quick] [--seed N]
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateBricks, type GeneratedSet } from './generate.ts'
import { kinds } from './kinds.ts'
import { demoSets } from './sets.ts'

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
if (values.out === undefined || !Number.isSafeInteger(seed)) {
  console.error('usage: npx tsx deploy/demo/bricks/main.ts --out DIR [--quick] [--seed WHOLE_NUMBER]')
  process.exit(2)
}

await mkdir(values.out, { recursive: true })
for (const set of Object.values(demoSets(values.quick ? 'quick' : 'full', seed))) {
  const file = join(values.out, `${set.name}.zip`)
  const start = performance.now()
  const generated = await generateBricks(set, file, {
    onPhoto: (done, total) => showProgress(set.name, done, total),
  })
  const seconds = (performance.now() - start) / 1000
  process.stdout.write(`\r${file}: ${describe(generated)}, ${seconds.toFixed(1)} s\n`)
}

function showProgress(name: string, done: number, total: number): void {
  if (!process.stdout.isTTY) return
  const filled = Math.round((30 * done) / total)
  process.stdout.write(
    `\r${name.padEnd(6)} [${'='.repeat(filled)}${' '.repeat(30 - filled)}] ${done}/${total} `,
  )
}

function describe({ images, boxes, boxesOfKind }: GeneratedSet): string {
  const each = kinds.map((kind) => `${kind} ${boxesOfKind[kind]}`).join(', ')
  return `${images} photos, ${boxes} boxes (${each})`
}
