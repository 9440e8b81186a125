import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createFileRegistry, fromBinary, type FileRegistry } from '@bufbuild/protobuf'
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt'

const run = promisify(execFile)

/** The folder proto-events/. */
export const home = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs buf in proto-events/, with the protoc plugin of this repository's packages.
 * @throws Error with what buf said
 */
export async function buf(...parameters: string[]): Promise<void> {
  const path = [join(home, '../node_modules/.bin'), process.env.PATH].join(delimiter)
  try {
    await run('buf', parameters, { cwd: home, env: { ...process.env, PATH: path } })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string } // what execFile rejects with
    const said = [stdout, stderr].map((text) => text.trim()).filter(Boolean)
    throw new Error(said.join('\n') || String(error), { cause: error })
  }
}

/** The contracts' descriptors with their comments, built into a temporary folder. */
export async function readContracts(temporary: string): Promise<FileRegistry> {
  const image = join(temporary, 'contracts.binpb')
  await buf('build', '--output', image)
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, await readFile(image)))
}
