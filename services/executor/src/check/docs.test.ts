import { readdirSync, readFileSync } from 'node:fs'
import { buildASTSchema, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { reservedKeys } from '../contract/configuration.ts'
import { problemOfExit } from '../job/failure.ts'

const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const document = read('docs/executor-images.md')
const blocks = (language: string) =>
  [...document.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text = '']) => text)

test('the operations of docs/executor-images.md are valid in the composed schema', () => {
  const schema = buildASTSchema(parse(read('gateway/schema.graphql')))
  expect(blocks('graphql')).toHaveLength(3)
  for (const text of blocks('graphql'))
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([])
})

test('what docs/executor-images.md quotes of the sample image stands there', () => {
  const sample = 'executors/samples/shell'
  const files = [
    'start.sh',
    'Dockerfile',
    ...readdirSync(new URL(`../../../../${sample}/img-man`, import.meta.url)).map(
      (name) => `img-man/${name}`,
    ),
  ]
  const texts = files.map((name) => read(`${sample}/${name}`))
  const isCommand = (text: string) => /^(bash|docker) /.test(text)
  const quotations = ['sh', 'yaml', 'dockerfile'].flatMap(blocks).filter((text) => !isCommand(text))
  expect(quotations.length).toBeGreaterThan(6)
  for (const quotation of quotations)
    expect(
      texts.some((text) => text.includes(quotation)),
      quotation,
    ).toBe(true)
})

test('docs/executor-images.md names each reserved key, and each error code as it is shown', () => {
  for (const key of reservedKeys) expect(document).toContain(`\`${key}\``)
  const codes = [...document.matchAll(/\| (\d{6}) \| ([^|]+) (?=\|)/g)]
  expect(codes).toHaveLength(11)
  for (const [, code, words = ''] of codes)
    expect(problemOfExit({ exitCode: 1, told: { errorCode: Number(code) } }).message).toContain(words)
})
