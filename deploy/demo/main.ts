/**
 * The loop, from zips of images to a better model, as a client of the public API:
 *
 *   bash ymir.sh demo [--quick] [--rounds 4] [--mine 20] [--seed 1]
 *   bash ymir.sh demo --train a.zip --test b.zip --pool c.zip
 */
import { runDemo } from './run.ts'
import { readOptions } from './options.ts'
import { UsageError } from '../usage-error.ts'

try {
  await runDemo(readOptions(process.argv.slice(2)))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  console.error(`\nymir: ${error.message}`)
  process.exitCode = 1
}
process.exit()
