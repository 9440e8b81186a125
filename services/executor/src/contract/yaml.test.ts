import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { readYaml, writeYaml } from './yaml.ts'

const python = spawnSync('python3', ['-c', 'import yaml'])
if (python.status !== 0) console.log('YAML is not held against PyYAML: python3 has no yaml module')

/** Texts that YAML 1.1 takes for something else, or PyYAML refuses, when they stand without quotes. */
const texts = [
  ...[
    'no',
    'on',
    'y',
    'Yes',
    'null',
    '~',
    '',
    '=',
    '<<',
    '.inf',
    '.5',
    '010',
    '0x1f',
    '1_000',
    '1e-7',
    '1.0e-7',
  ],
  ...[
    '12:30',
    '1:2:3',
    '2024-01-01',
    'a: b # c',
    '- a',
    '!tag',
    '&anchor',
    '*alias',
    '%',
    '@',
    '{a',
    '[a',
    '?',
  ],
  ...[
    `it's "quoted"`,
    '\\',
    'tab\there',
    ' padded ',
    'two\nlines',
    '猫',
    'café ☕',
    '🐈',
    `${'long '.repeat(40)}end`,
  ],
]
const numbers = [0, -1, 0.001, 1e-7, -2e-9, 1.5e-7, 1e21, 1e300, 16_777_217]
const value = {
  texts,
  numbers,
  booleans: [true, false],
  nothing: null,
  nested: { no: 'no', list: [[1], {}] },
}

test.skipIf(python.status !== 0)('PyYAML reads what is written as it was meant', () => {
  const program = 'import sys, yaml, json; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))'
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: writeYaml(value) })
  expect(stderr.toString()).toBe('')
  expect(JSON.parse(stdout.toString())).toEqual(value)
})

test('what is written is read back, and each text is on one line', () => {
  expect(readYaml(writeYaml(value))).toEqual(value)
  const lines = writeYaml({ class_names: ['cat', `${'long '.repeat(40)}end`, 'no'] })
    .trim()
    .split('\n')
  expect(lines).toEqual(['class_names:', '  - cat', `  - ${'long '.repeat(40)}end`, '  - "no"'])
})

test('a template is read as PyYAML would, only that a number without a point is one, and a date a text', () => {
  const text = 'a: yes\nb: 1e-3\nc: 2024-01-01\nd: Off\nbase: &base {e: 1}\nf:\n  <<: *base\n'
  expect(readYaml(text)).toEqual({
    a: true,
    b: 0.001,
    c: '2024-01-01',
    d: false,
    base: { e: 1 },
    f: { e: 1 },
  })
})
