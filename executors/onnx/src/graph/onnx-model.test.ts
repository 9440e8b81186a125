import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { add } from './arithmetic.ts'
import { Graph } from './graph.ts'
import { readModelMetadata } from './onnx-model.ts'

function doublingModel(): Uint8Array {
  const graph = new Graph()
  const rows = graph.input('rows', [1, 2], { portShape: ['batch', 2] })
  graph.output('doubled', add(rows, rows), { portShape: ['batch', 2] })
  return graph.encode({ class_names: '["cell"]', note: 'größer' })
}

describe('an encoded model', () => {
  it('is run by onnxruntime, with any number of rows where the dimension is free', async () => {
    const session = await ort.InferenceSession.create(doublingModel())
    const { doubled } = await session.run({ rows: new ort.Tensor('float32', [1, 2, 3, 4, 5, 6], [3, 2]) })
    expect(Array.from(doubled?.data as Float32Array)).toEqual([2, 4, 6, 8, 10, 12]) // declared float32
    expect(doubled?.dims).toEqual([3, 2])
    expect(session.inputNames).toEqual(['rows'])
    await session.release()
  })

  it('gives its metadata back', () => {
    expect(readModelMetadata(doublingModel())).toEqual({ class_names: '["cell"]', note: 'größer' })
  })

  it('needs no operators beyond the standard unless the graph uses some', () => {
    expect(new TextDecoder().decode(doublingModel())).not.toContain('com.microsoft')
  })
})
