import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@ymir/service'
import { expect, test } from 'vitest'
import { supergraphFile } from './supergraph-file.ts'

test('a changed file is offered at once, and a refusal is survived', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ymir-supergraph-'))
  const path = join(folder, 'supergraph.graphql')
  const offered: string[] = []
  const update = (text: string) => {
    offered.push(text)
    if (text === 'broken') throw new Error('not a supergraph')
  }
  try {
    writeFileSync(path, 'first')
    const { supergraphSdl, cleanup } = await supergraphFile(path).initialize({
      update,
      healthCheck: () => Promise.resolve(),
      getDataSource: () => Promise.reject(new Error('not asked')) as never,
    })
    writeFileSync(path, 'broken')
    await waitUntil('the broken one to be offered', () => offered.includes('broken'))
    writeFileSync(path, 'second')
    await waitUntil('the second to be offered', () => offered.includes('second'))
    await cleanup?.()

    expect(supergraphSdl).toBe('first')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a missing file says how it is made', async () => {
  const options = {
    update: () => {},
    healthCheck: () => Promise.resolve(),
    getDataSource: () => Promise.reject(new Error('not asked')) as never,
  }

  await expect(supergraphFile('/nowhere/supergraph.graphql').initialize(options)).rejects.toThrow(
    'npm run compose',
  )
})
