import type Docker from 'dockerode'
import type { JobLog } from '../log/job-log.ts'
import type { LogStream } from '../log/log-stream.ts'

/**
 * Brings to a job's log what a container has printed, in the order in which the engine has it, until the container ends
 * or the signal aborts. The engine tells everything from the start each time; the log passes over what it has.
 */
export async function takeContainerLog(
  container: Docker.Container,
  jobLog: JobLog,
  signal?: AbortSignal,
): Promise<void> {
  const stream = await container.logs({ stdout: true, stderr: true, follow: true, abortSignal: signal })
  const position = { STDOUT: 0, STDERR: 0 }
  // a stream of bytes
  for await (const pieces of printed(stream as AsyncIterable<Buffer>))
    for (const { stream: from, bytes } of pieces) {
      await jobLog.bring(from, position[from], bytes)
      position[from] += bytes.length
    }
}

interface Printed {
  readonly stream: LogStream
  readonly bytes: Buffer
}

const HEADER_BYTES = 8
const STDERR_FRAME = 2

/**
 * What is in the engine's frames, as the bytes arrive; frames of one stream that follow each other are joined. A frame:
 * one byte for the stream, three of nothing, length (uint32, big-endian), payload.
 */
export async function* printed(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly Printed[]> {
  let stream: LogStream = 'STDOUT'
  let left = 0
  let header: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const pieces: { stream: LogStream; parts: Buffer[] }[] = []
    for (let at = 0; at < chunk.length;) {
      if (left === 0) {
        const more = chunk.subarray(at, at + HEADER_BYTES - header.length)
        header = Buffer.concat([header, more])
        at += more.length
        if (header.length < HEADER_BYTES) break
        stream = header.readUInt8(0) === STDERR_FRAME ? 'STDERR' : 'STDOUT'
        left = header.readUInt32BE(4)
        header = Buffer.alloc(0)
        continue
      }
      const part = chunk.subarray(at, at + left)
      at += part.length
      left -= part.length
      const last = pieces.at(-1)
      if (last?.stream === stream) last.parts.push(part)
      else pieces.push({ stream, parts: [part] })
    }
    yield pieces.map(({ stream: from, parts }) => ({ stream: from, bytes: Buffer.concat(parts) }))
  }
}
