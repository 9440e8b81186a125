import { readdirSync, readFileSync } from 'node:fs'
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

const furtherQuestions = part('What else a dashboard asks')

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

test('docs/api.md names every operation of the dashboard', () => {
  const web = new URL('../../../web/src/', import.meta.url)
  const files = readdirSync(web, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.graphql'),
  )
  expect(files.length).toBeGreaterThan(0)
  const rows = part('What each page of the dashboard asks').split('\n')
  for (const file of files) {
    const folder = `web/src/${file.split(/[/\\]/)[0]}`
    const row = rows.find((one) => one.startsWith(`| \`${folder}\` |`)) ?? ''
    for (const name of rootFieldsOf(readFileSync(new URL(file, web), 'utf8')))
      expect(row, `${file}: docs/api.md, ${folder}`).toContain(`\`${name}\``)
  }
})

/** A chapter of docs/api.md, to the next of its rank. */
function part(title: string): string {
  return read('docs/api.md').split(`\n# ${title}\n`)[1]?.split('\n# ')[0] ?? ''
}

function rootFieldsOf(text: string): string[] {
  return parse(text).definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION
      ? definition.selectionSet.selections.flatMap((field) =>
          field.kind === Kind.FIELD ? field.name.value : [],
        )
      : [],
  )
}

const operations = read('docs/datasets.md').split('\n## Operations\n')[1] ?? ''
const chapters = operations.split('\n### ').slice(1)

test.each(chapters.map((text) => [text.split('\n', 1)[0]!, text] as const))(
  'what docs/datasets.md shows of %s is valid in the composed schema',
  (_, text) => {
    for (const [, block = ''] of text.matchAll(/```graphql\n([^]*?)```/g))
      expect(problemsOf(block)).toEqual([])
  },
)

test('the operations that docs/vendors.md shows are valid in the composed schema', () => {
  const blocks = [...read('docs/vendors.md').matchAll(/```graphql\n([^]*?)```/g)]
  expect(blocks.length).toBeGreaterThan(0)
  for (const [, block = ''] of blocks) expect(problemsOf(block)).toEqual([])
})

test('docs/datasets.md shows every operation that makes a version', () => {
  for (const name of Object.keys(schema.getMutationType()!.getFields()))
    if (/Versions?(ThreeWay|Into)?$|^takeAssets$|^importDataset$|^deleteDataset$|Merge$/.test(name))
      expect(operations).toContain(name)
})
