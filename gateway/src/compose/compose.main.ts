import { writeFileSync } from 'node:fs'
import { committedFiles } from './committed.ts'
import { compose } from './compose.ts'
import { subgraphsOfServices } from './services.ts'

const composed = await compose(await subgraphsOfServices())
for (const { path, of } of committedFiles) {
  writeFileSync(path, of(composed))
  console.log(`wrote ${path}`)
}
