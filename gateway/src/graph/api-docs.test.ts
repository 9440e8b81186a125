import { readFileSync } from 'node:fs'
import { buildASTSchema, Kind, parse, validate } from 'graphql'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

const schema = buildASTSchema(parse(read('gateway/schema.graphql')))

/** What is wrong with the operations of a text, each by itself. */
function problemsOf(text: string): string[] {
  return parse(text).definitions.flatMap((definition) =>
    validate(schema, { kind: Kind.DOCUMENT, definitions: [definition] }).map(({ message }) => message),
  )
}

test('the operations that docs/api.md shows are valid in the composed schema', () => {
  const blocks = [...read('docs/api.md').matchAll(/^## (\d+)[^]*?```graphql\n([^]*?)```/gm)]
  expect(blocks.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  for (const [, number, text = ''] of blocks) expect(problemsOf(text), `operation ${number}`).toEqual([])
})

const furtherQuestions = read('docs/api.md').split('\n# What else a dashboard asks\n')[1] ?? ''

test.each(
  furtherQuestions
    .split('\n## ')
    .slice(1)
    .filter((text) => !text.includes('curl '))
    .map((text) => [text.split('\n', 1)[0]!, text] as const),
)('what docs/api.md shows of "%s" is valid in the composed schema', (_, text) => {
  const blocks = [...text.matchAll(/```graphql\n([^]*?)```/g)]
  expect(blocks.length).toBeGreaterThan(0)
  for (const [, block = ''] of blocks) expect(problemsOf(block)).toEqual([])
})

const operations = read('docs/datasets.md').split('\n## Operations\n')[1] ?? ''
const chapters = operations.split('\n### ').slice(1)

test.each(chapters.map((text) => [text.split('\n', 1)[0]!, text] as const))(
  'what docs/datasets.md shows of %s is valid in the composed schema',
  (_, text) => {
    for (const [, block = ''] of text.matchAll(/```graphql\n([^]*?)```/g))
      expect(problemsOf(block)).toEqual([])
  },
)

test('docs/datasets.md shows every operation that makes a version', () => {
  for (const name of Object.keys(schema.getMutationType()!.getFields()))
    if (/Versions?(ThreeWay|Into)?$|^takeAssets$|^importDataset$|^deleteDataset$|Merge$/.test(name))
      expect(operations).toContain(name)
})
