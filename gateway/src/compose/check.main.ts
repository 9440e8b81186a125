import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { breakingChanges } from './breaking-changes.ts'
import { committedFiles } from './committed.ts'
import { compose } from './compose.ts'
import { subgraphsOfServices } from './services.ts'

// Checks that the committed files are what the services make today, and that the public schema breaks no client of the
// last commit. YMIR_ALLOW_BREAKING=1 lets a deliberate break pass; say it in the commit.

const composed = await compose(await subgraphsOfServices())
const problems: string[] = []
for (const { path, of } of committedFiles) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== of(composed))
    problems.push(`${path} is not fresh: run \`npm run compose -w gateway\` and commit it`)
}

const before = lastCommitted('gateway/schema.graphql')
const breaking = before === undefined ? [] : breakingChanges(before, composed.schema)
if (breaking.length && process.env.YMIR_ALLOW_BREAKING === '1')
  console.warn(`breaks clients, as allowed:\n${breaking.join('\n')}`)
else
  problems.push(
    ...breaking.map((change) => `breaks clients: ${change} (YMIR_ALLOW_BREAKING=1 if it must be)`),
  )

if (problems.length) {
  console.error(problems.join('\n'))
  process.exit(1)
}
console.log('the composed graph is fresh and breaks no client')

function lastCommitted(path: string): string | undefined {
  try {
    return execFileSync('git', ['show', `HEAD:${path}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch {
    return undefined // not committed yet, or no repository: nothing to compare with
  }
}
