import { readFileSync } from 'node:fs'
import { startTestService, type TestService } from '@ymir/dataset/testing'
import type { UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DirtyArchive, Outcome } from './dirty-archives/dirty-archive.ts'
import { dirtyArchives } from './dirty-archives/index.ts'

// as: the file is ours
const expected = JSON.parse(
  readFileSync(new URL('dirty-archives/expected.json', import.meta.url), 'utf8'),
) as Record<string, Outcome>

let service: TestService
let project: { projectId: string; owner: UserCaller }

beforeAll(async () => {
  service = await startTestService()
  project = await service.aProject(['dust'])
  const input = { labels: [{ name: 'cell', aliases: ['zelle'] }] }
  const mutation = `mutation ($input: CreateLabelsInput!) { createLabels(input: $input) { labels { name } } }`
  const { errors } = await service.ask(mutation, { input }, project.owner)
  if (errors) throw new Error(errors[0]?.message)
})
afterAll(() => service.stop())

async function outcomeOf({ bytes, choice }: DirtyArchive): Promise<Outcome> {
  const { projectId, owner } = project
  const input = { projectId, badItems: 'SKIP', ...choice }
  const { state, version, report } = await service.importArchive(bytes, input, owner)
  expect(version === null).toBe(state !== 'SUCCEEDED') // nothing is half imported
  return {
    state,
    assets: report.assetCount,
    annotations: report.annotationCount,
    skipped: report.skippedItemCount,
    duplicates: report.duplicateCount,
    unknownLabels: report.unknownLabels,
    problems: report.problems.map((problem: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(problem).filter(([, value]) => value !== null)),
    ),
  }
}

test('the archives and the reports that are expected of them are the same in number and name', () => {
  expect(dirtyArchives.map(({ name }) => name)).toEqual(Object.keys(expected))
})

test.concurrent.each(dirtyArchives.map((archive) => [archive.name, archive] as const))(
  '%s',
  { timeout: 60_000 },
  async (name, archive) => {
    expect(await outcomeOf(archive)).toEqual(expected[name])
  },
)
