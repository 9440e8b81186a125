import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { z } from 'zod'
import { readIfThere, root } from '../home.ts'
import { provideDistributionPackages } from '../testing/distribution-packages.ts'

interface Step {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

interface Outcome {
  readonly name: string
  readonly result: 'passed' | 'failed'
  readonly seconds: number
}

const bin = (name: string) => join(root, 'node_modules', '.bin', name)

const steps: readonly Step[] = [
  { name: 'format (prettier)', command: [bin('prettier'), '--check', '--log-level=warn', '.'] },
  { name: 'lint and import boundaries (eslint)', command: [bin('eslint'), '.'] },
  { name: 'types (tsc)', command: [bin('tsc'), '--noEmit'] },
  { name: 'types of the dashboard (tsc)', command: [bin('tsc'), '--noEmit', '-p', 'web'] },
  {
    name: 'operations of the dashboard are generated',
    command: ['npm', 'run', '--silent', 'check', '-w', 'web'],
  },
  {
    name: 'event contracts: lint, breaking changes, generated code, AsyncAPI',
    command: ['npm', 'run', '--silent', 'check', '-w', 'proto-events'],
  },
  {
    name: 'graph: composition, committed schema, breaking changes',
    command: ['npm', 'run', '--silent', 'check', '-w', 'gateway'],
  },
]

/** Steps that run beside each other. */
const atOnce = 2

/** Everything that CI runs, each step to its end; the last line counts the tests. */
export async function test(): Promise<number> {
  const outcomes: Outcome[] = []
  await provideDistributionPackages(console.log)
  const waiting = steps.values()
  const runNext = async () => {
    for (const step of waiting) outcomes.push(await runStep(step))
  }
  await Promise.all(Array.from({ length: atOnce }, runNext))
  const vitest = await runVitest(outcomes)
  return [...outcomes, vitest].some(({ result }) => result === 'failed') ? 1 : 0
}

/** Its words are held back until it has ended, so that those of two steps do not mix. */
async function runStep({ name, command }: Step): Promise<Outcome> {
  console.log(`begun             ${name}`)
  const started = performance.now()
  const child = spawn(command[0], command.slice(1), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => void said.push(bytes))
  const passed = (await ended(child)) === 0
  heading(name)
  process.stdout.write(Buffer.concat(said))
  return conclude({ name, result: passed ? 'passed' : 'failed', seconds: secondsSince(started) })
}

/**
 * Runs vitest with its own words as they come, but holds back its summary until the table of all steps is printed, so
 * that the counts come last.
 */
async function runVitest(before: readonly Outcome[]): Promise<Outcome> {
  const name = 'tests (vitest)'
  heading(name)
  const folder = mkdtempSync(join(tmpdir(), 'ymir-test-report-'))
  const report = join(folder, 'report.json')
  const started = performance.now()
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const child = spawn(bin('vitest'), ['run', ...reporters], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env,
  })
  const summary: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const isSummary = summary.length > 0 || /^\s*Test Files\s/.test(stripVTControlCharacters(line))
    if (isSummary) summary.push(line)
    else if (!line.startsWith('JSON report written')) console.log(line)
  }
  const passed = (await ended(child)) === 0
  const counts = countTests(readIfThere(report))
  rmSync(folder, { recursive: true })

  const outcome = conclude({ name, result: passed ? 'passed' : 'failed', seconds: secondsSince(started) })
  printTable([...before, outcome])
  console.log(summary.filter((line) => !line.startsWith('JSON report written')).join('\n'))
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  return outcome
}

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  numTodoTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

function countTests(json: string | undefined): { passed: number; failed: number; skipped: number } {
  if (json === undefined) return { passed: 0, failed: 1, skipped: 0 } // vitest itself did not come to its end
  const report = Report.parse(JSON.parse(json))
  // A file that cannot be loaded has no tests to fail: it counts as one.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  )
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

const env = { ...process.env, NX_DAEMON: 'false', ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}) }
const secondsSince = (started: number) => (performance.now() - started) / 1000

function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

function heading(name: string): void {
  console.log(`\n=== ${name}`)
}

function conclude(outcome: Outcome): Outcome {
  console.log(describe(outcome))
  return outcome
}

function printTable(outcomes: readonly Outcome[]): void {
  console.log('\n=== summary')
  for (const outcome of outcomes) console.log(describe(outcome))
  console.log()
}

function describe({ name, result, seconds }: Outcome): string {
  return `${result.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  ${name}`
}
