/**
 * Weights to go on from, in a file of their own: the inference model has its batch normalisations folded away.
 * The format is safetensors (https://github.com/huggingface/safetensors): the header's length, a JSON header, the bytes.
 */
import { z } from 'zod'
import { ExecutorFailure } from '../contract/failure.ts'
import { layoutOf, type DetectorWeights, type Part } from './weights.ts'

const FORMAT = 'ymir-detector-1'
const LENGTH_BYTES = 8

/** `__metadata__` holds the specification; each part of the weights is a tensor under its name. */
export function encodeWeights(weights: DetectorWeights): Uint8Array {
  const sections = sectionsOf(weights)
  const header: Record<string, unknown> = {
    __metadata__: { format: FORMAT, specification: JSON.stringify(weights.specification) },
  }
  let end = 0
  for (const { part } of sections) {
    const begin = end
    end += (part.to - part.from) * Float32Array.BYTES_PER_ELEMENT
    header[part.name] = { dtype: 'F32', shape: part.shape, data_offsets: [begin, end] }
  }
  const text = JSON.stringify(header)
  const padded = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8)) // the floats are aligned
  const file = new Uint8Array(LENGTH_BYTES + padded.length + end)
  new DataView(file.buffer).setBigUint64(0, BigInt(padded.length), true)
  file.set(padded, LENGTH_BYTES)
  let offset = LENGTH_BYTES + padded.length
  for (const { part, vector } of sections) {
    const values = vector.slice(part.from, part.to)
    file.set(new Uint8Array(values.buffer), offset)
    offset += values.byteLength
  }
  return file
}

const widths = z.object({
  backbone: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  merged: z.tuple([z.number(), z.number()]),
})
const specificationText = z.object({ widths, classNames: z.array(z.string()) })
const headerText = z
  .object({ __metadata__: z.object({ format: z.literal(FORMAT), specification: z.string() }) })
  .catchall(
    z.object({
      dtype: z.literal('F32'),
      shape: z.array(z.number()),
      data_offsets: z.tuple([z.number(), z.number()]),
    }),
  )

/**
 * @param name of the file, for errors
 * @throws ExecutorFailure MISSING_MODEL when the bytes are not weights of this executor
 */
export function decodeWeights(file: Uint8Array, name: string): DetectorWeights {
  try {
    return decode(file)
  } catch (cause) {
    const message = `${name} holds no training weights of this executor; choose a stage that this image trained, or train from scratch`
    throw new ExecutorFailure('MISSING_MODEL', message, { cause })
  }
}

function decode(file: Uint8Array): DetectorWeights {
  const headerLength = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  const bodyStart = LENGTH_BYTES + headerLength
  const header = headerText.parse(
    JSON.parse(new TextDecoder().decode(file.subarray(LENGTH_BYTES, bodyStart))),
  )
  const specification = specificationText.parse(JSON.parse(header.__metadata__.specification))
  const layout = layoutOf(specification)
  const weights: DetectorWeights = {
    specification,
    parameters: new Float32Array(layout.parameters.size),
    statistics: new Float32Array(layout.statistics.size),
  }
  for (const { part, vector } of sectionsOf(weights)) {
    const entry = header[part.name]
    if (entry === undefined || !('data_offsets' in entry)) throw new Error(`no tensor ${part.name}`)
    const [begin, end] = entry.data_offsets
    if (bodyStart + end > file.length) throw new Error(`the file ends within ${part.name}`)
    const bytes = Uint8Array.from(file.subarray(bodyStart + begin, bodyStart + end)) // a copy of its own is aligned
    vector.set(new Float32Array(bytes.buffer), part.from)
  }
  return weights
}

function sectionsOf(weights: DetectorWeights): { part: Part; vector: Float32Array }[] {
  const layout = layoutOf(weights.specification)
  return [
    ...layout.parameters.parts.map((part) => ({ part, vector: weights.parameters })),
    ...layout.statistics.parts.map((part) => ({ part, vector: weights.statistics })),
  ]
}
