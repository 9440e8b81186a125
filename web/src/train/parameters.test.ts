import { describe, expect, test } from 'vitest'
import { asText, changeable, changed, decisiveNames, fromText, NotAParameter } from './parameters.ts'

const template = {
  steps: 600,
  network: 'medium',
  flip: true,
  rate: 0.003,
  sizes: [1, 2],
  note: 'true',
  nothing: null,
}

describe('parameters', () => {
  test('that the system sets are not offered', () => {
    expect(changeable({ steps: 1, task_id: 'x', pretrained_model_params: [] })).toEqual({ steps: 1 })
    expect(changeable(null)).toEqual({})
  })

  test('that decide most come first', () => {
    expect(decisiveNames({ seed: 1, learning_rate: 0.1, steps: 600, batch_size: 8 })).toEqual([
      'steps',
      'batch_size',
      'learning_rate',
    ])
  })

  test('of an image with other names are the first few', () => {
    expect(decisiveNames({ a: 1, b: 2, c: 3, d: 4, e: 5 })).toEqual(['a', 'b', 'c', 'd'])
  })

  test('that were not changed are left to the image', () => {
    expect(changed(template, { ...template, steps: 20, sizes: [1, 2] })).toEqual({ steps: 20 })
  })

  test('are the same after they were written and read', () => {
    expect(fromText(asText(template))).toEqual(template)
  })

  test('may have comments and empty lines between them', () => {
    expect(fromText('# length\n\nsteps: 20\nexport: voc:raw')).toEqual({ steps: 20, export: 'voc:raw' })
  })

  test('that cannot be read name their line', () => {
    expect(() => fromText('steps: 20\nnonsense')).toThrow(NotAParameter)
    expect(() => fromText('steps: 20\nnonsense')).toThrow('line 2')
  })
})
