/** Checks that the contracts keep their promises and that what is generated from them is fresh. Exit code 1 if not. */
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { definitionsIn, eventDefinitions } from '../definition.ts'
import { asyncApiDocument } from './asyncapi.ts'
import { buf, home, readContracts } from './buf.ts'

const run = promisify(execFile)

/** What a check found: a reason why it did not run, or nothing. It throws with what is wrong and the way out. */
type Check = (temporary: string) => Promise<string | void>

const checks: Record<string, Check> = {
  'contracts follow the style': () => buf('lint'),
  'old readers understand the contracts': checkBreaking,
  'generated TypeScript is fresh': checkGenerated,
  'every event is known to the code': checkDefinitions,
  'AsyncAPI document is fresh': checkDocumentFresh,
  'AsyncAPI document is valid': checkDocumentValid,
}

const temporary = await mkdtemp(join(tmpdir(), 'ymir-contracts-'))
try {
  for (const [claim, check] of Object.entries(checks)) {
    try {
      const skipped = await check(temporary)
      console.log(skipped ? `skip  ${claim}: ${skipped}` : `ok    ${claim}`)
    } catch (error) {
      process.exitCode = 1
      console.error(`FAIL  ${claim}\n${error instanceof Error ? error.message : String(error)}`)
    }
  }
} finally {
  await rm(temporary, { recursive: true, force: true })
}

async function checkBreaking(temporary: string): Promise<string | void> {
  const before = await previousContracts()
  if (typeof before !== 'string') return before.reason
  const archive = join(temporary, 'before.tar')
  await git('archive', '--output', archive, before, '--', 'buf.yaml', 'proto')
  await buf('breaking', '--against', archive)
}

/**
 * The commit to compare with: main's last, or, when the contracts are as they are there (in CI, or after committing),
 * the one before their last change.
 */
async function previousContracts(): Promise<string | { reason: string }> {
  const main = await firstCommitOf('main', 'origin/main', 'HEAD')
  if (!main) return { reason: 'not a git repository' }
  const changed = await git('diff', '--name-only', main, '--', 'proto').then(Boolean)
  const commit = changed
    ? main
    : await firstCommitOf(`${await git('log', '-1', '--format=%H', main, '--', 'proto')}^`)
  if (!commit) return { reason: 'no earlier commit at hand (the first, or a shallow clone)' }
  if (!(await git('ls-tree', commit, '--', 'buf.yaml')))
    return { reason: `commit ${commit.slice(0, 10)} has no contracts yet` }
  return commit
}

async function firstCommitOf(...references: string[]): Promise<string | undefined> {
  for (const reference of references) {
    const commit = await git('rev-parse', '--verify', '--quiet', `${reference}^{commit}`).catch(
      () => undefined,
    )
    if (commit) return commit
  }
  return undefined
}

async function git(...parameters: string[]): Promise<string> {
  return (await run('git', parameters, { cwd: home })).stdout.trim()
}

async function checkGenerated(temporary: string): Promise<void> {
  await buf('generate', '--output', temporary)
  const [fresh, committed] = await Promise.all([
    readTree(join(temporary, 'src/generated')),
    readTree(join(home, 'src/generated')),
  ])
  const stale = [...new Set([...fresh.keys(), ...committed.keys()])].filter(
    (f) => fresh.get(f) !== committed.get(f),
  )
  if (stale.length > 0)
    throw new Error(`${stale.join('\n')}\nnot fresh: run npm run generate -w proto-events`)
}

async function checkDefinitions(temporary: string): Promise<void> {
  const known = new Set(eventDefinitions.map((definition) => definition.schema.typeName))
  const missing = [...(await readContracts(temporary)).files]
    .flatMap(definitionsIn)
    .filter(({ schema }) => !known.has(schema.typeName))
    .map(({ schema }) => `${schema.typeName} of ${schema.file.name}.proto`)
  if (missing.length > 0)
    throw new Error(`${missing.join('\n')}\nnot known: name the file in src/index.ts and src/definition.ts`)
}

async function checkDocumentFresh(temporary: string): Promise<void> {
  if ((await readDocument()) !== asyncApiDocument(await readContracts(temporary)))
    throw new Error('asyncapi.yaml is not fresh: run npm run generate -w proto-events')
}

async function checkDocumentValid(): Promise<void> {
  // CommonJS; its ESM build cannot be resolved by Node.
  const { Parser } = createRequire(import.meta.url)('@asyncapi/parser') as typeof import('@asyncapi/parser')
  const problems = (await new Parser().validate(await readDocument())).filter(({ severity }) => severity <= 1) // errors, warnings
  if (problems.length === 0) return
  throw new Error(
    problems
      .map(
        ({ message, path, range }) => `asyncapi.yaml:${range.start.line + 1}: ${path.join('/')}: ${message}`,
      )
      .join('\n'),
  )
}

function readDocument(): Promise<string> {
  return readFile(join(home, 'asyncapi.yaml'), 'utf8')
}

async function readTree(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files.map(async (file): Promise<[string, string]> => [
        file.slice(folder.length + 1),
        await readFile(file, 'utf8'),
      ]),
    ),
  )
}
