import { open, stat } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { finished } from 'node:stream/promises'
import type Docker from 'dockerode'

/**
 * Appends to a file what a container has printed, standard output and error in the order in which the engine has them.
 * What the file holds already is passed over, so that a restart neither loses nor doubles a byte.
 * @param follow go on until the container ends or the signal aborts
 */
export async function appendContainerLog(
  engine: Docker,
  container: Docker.Container,
  path: string,
  { follow = false, signal }: { follow?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  let known = (await stat(path)).size
  const options = { stdout: true, stderr: true, abortSignal: signal }
  const file = await open(path, 'a')
  try {
    const printed = new PassThrough()
    if (follow) {
      const stream = await container.logs({ ...options, follow: true })
      engine.modem.demuxStream(stream, printed, printed)
      void finished(stream).then(
        () => printed.end(),
        () => printed.end(), // the connection is gone, or the signal aborted: whoever called looks again
      )
    } else printed.end(demultiplexed(await container.logs({ ...options, follow: false })))
    for await (const chunk of printed) {
      const bytes = chunk as Buffer // a PassThrough of bytes
      const fresh = bytes.subarray(Math.min(known, bytes.length))
      known -= bytes.length - fresh.length
      if (fresh.length) await file.appendFile(fresh)
    }
  } finally {
    await file.close()
  }
}

const HEADER_BYTES = 8

/** The payloads of the engine's frames: one byte for the stream, three of nothing, length (uint32, big-endian), payload. */
export function demultiplexed(frames: Buffer): Buffer {
  const payloads: Buffer[] = []
  for (let offset = 0; offset + HEADER_BYTES <= frames.length;) {
    const end = offset + HEADER_BYTES + frames.readUInt32BE(offset + 4)
    payloads.push(frames.subarray(offset + HEADER_BYTES, end))
    offset = end
  }
  return Buffer.concat(payloads)
}
