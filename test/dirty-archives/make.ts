import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dirtyArchives } from './index.ts'

/** Writes all of them into a folder, to be tried by hand: `npx tsx test/dirty-archives/make.ts FOLDER`. */
const [folder = 'dirty-archives'] = process.argv.slice(2)
await mkdir(folder, { recursive: true })
for (const { name, bytes } of dirtyArchives)
  await writeFile(join(folder, `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}.zip`), bytes)
console.log(`${dirtyArchives.length} archives in ${folder}`)
