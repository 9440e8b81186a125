/** Writes everything that follows from proto/: TypeScript into src/generated, the AsyncAPI document. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncApiDocument } from './asyncapi.ts'
import { buf, home, readContracts } from './buf.ts'

const temporary = await mkdtemp(join(tmpdir(), 'ymir-contracts-'))
try {
  await buf('generate')
  await writeFile(join(home, 'asyncapi.yaml'), asyncApiDocument(await readContracts(temporary)))
  console.log('proto-events: src/generated and asyncapi.yaml follow proto/')
} finally {
  await rm(temporary, { recursive: true, force: true })
}
