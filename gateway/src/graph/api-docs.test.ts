import { readFileSync } from 'node:fs'
import { buildASTSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('the operations that docs/api.md shows are valid in the composed schema', () => {
  const schema = buildASTSchema(parse(read('gateway/schema.graphql')))
  const blocks = [...read('docs/api.md').matchAll(/^## (\d+)[^]*?```graphql\n([^]*?)```/gm)]
  expect(blocks.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  for (const [, number, text = ''] of blocks)
    for (const definition of parse(text).definitions)
      expect(
        validate(schema, { kind: parse(text).kind, definitions: [definition] }).map(({ message }) => message),
        `operation ${number}`,
      ).toEqual([])
})
