import type { GraphClient } from '@ymir/graphql'
import { expect, test } from 'vitest'
import type { IterationSettings } from '../iteration/iteration.ts'
import { checkSettings } from './check-settings.ts'

const image = {
  name: 'onnx',
  kinds: ['MINING', 'INFERENCE'],
  enabled: true,
  shared: true,
  tellsDetails: true,
}
const answers = { executorImage: image, test: { project: { id: 'p' } }, vendor: null }
const graph = { query: () => Promise.resolve(answers) } as unknown as GraphClient // the one method that is used

const settings: IterationSettings = {
  ...{ executorImageId: 'e', testVersionId: 't', strategy: 'ENTROPY', aggregate: 'MAX', topK: 2 },
  ...{ annotate: true, seed: 0, automaticLabellerId: null, keepAnnotations: false },
  ...{ trainingParameters: {}, warmStart: true, gpuCount: 0, automatic: true },
}
const check = (changes: Partial<IterationSettings>, projectId = 'p') =>
  checkSettings({ graph, asAdministrator: false }, projectId, { ...settings, ...changes }, ['brick'])

test('what could not be mined in the next round is refused when a plan is changed', async () => {
  await expect(check({ topK: 5 })).resolves.toBeUndefined()
  const terms = (...names: ('ENTROPY' | 'CORE_SET')[]) => ({
    strategies: names.map((strategy) => ({ strategy, weight: 1 })),
  })
  await expect(check(terms('ENTROPY', 'CORE_SET'))).rejects.toThrow('CORE_SET')
  await expect(check(terms('ENTROPY', 'ENTROPY'))).rejects.toThrow('stands twice')
  await expect(check({ minShare: [{ label: 'plate', share: 0.1 }] })).rejects.toThrow('no class plate')
  await expect(check({ vendorIds: ['v'] })).rejects.toThrow('no vendor in this project v')
  await expect(check({}, 'another')).rejects.toThrow('no dataset version in this project')
})
