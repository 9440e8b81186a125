import { join } from 'node:path'
import { ESLint } from 'eslint'
import { beforeAll, describe, expect, it } from 'vitest'
import { root } from './home.ts'

/** What ESLint says about imports, for a file that is not on the disk. */
let problemsOf: (file: string, code: string) => Promise<string[]>

beforeAll(() => {
  const eslint = new ESLint({ cwd: root })
  problemsOf = async (file, code) => {
    const results = await eslint.lintText(code, { filePath: join(root, file) })
    const messages = results.flatMap((result) => result.messages)
    const boundaries = ['@nx/enforce-module-boundaries', 'no-restricted-imports']
    return messages
      .filter(({ ruleId }) => ruleId && boundaries.includes(ruleId))
      .map(({ message }) => message)
  }
})

describe('who may import whom', () => {
  const forbidden: [by: string, what: string, file: string, from: string][] = [
    ['a service', 'another service by name', 'services/model/src/x.ts', '@ymir/dataset'],
    [
      'a service',
      'another service by a path inside it',
      'services/model/src/x.ts',
      '@ymir/dataset/src/main.ts',
    ],
    [
      'a service',
      'another service by a relative path',
      'services/model/src/x.ts',
      '../../dataset/src/main.ts',
    ],
    ['a service', 'a lib by a relative path', 'services/model/src/x.ts', '../../../libs/bus/src/index.ts'],
    ['a service', 'an executor', 'services/executor/src/x.ts', '@ymir/executor-onnx'],
    ['a service', 'the launcher', 'services/model/src/x.ts', '@ymir/deploy'],
    ['the gateway', 'a service', 'gateway/src/x.ts', '@ymir/identity'],
    ['a lib', 'an executor', 'libs/detection/src/x.ts', '@ymir/executor-onnx'],
    ['the contracts', 'a lib', 'proto-events/src/x.ts', '@ymir/service'],
    ['an executor', 'a lib other than detection', 'executors/onnx/src/x.ts', '@ymir/blobs'],
  ]
  it.each(forbidden)('%s may not import %s', async (_by, _what, file, from) => {
    expect(await problemsOf(file, `import { x } from '${from}'\nx()\n`)).not.toEqual([])
  })

  const allowed: [by: string, what: string, file: string, from: string][] = [
    ['a service', 'a lib', 'services/model/src/x.ts', '@ymir/bus'],
    ['a service', 'the contracts', 'services/model/src/x.ts', '@ymir/proto-events'],
    ['a lib', 'another lib', 'libs/graphql/src/x.ts', '@ymir/service'],
    ['an executor', 'detection', 'executors/onnx/src/x.ts', '@ymir/detection'],
    ['an end-to-end test', 'the launcher', 'test/x.ts', '@ymir/deploy'],
  ]
  it.each(allowed)('%s may import %s', async (_by, _what, file, from) => {
    expect(await problemsOf(file, `import { x } from '${from}'\nx()\n`)).toEqual([])
  })
})
