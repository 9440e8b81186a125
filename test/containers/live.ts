import { aTensorboardEvent, aTensorboardRecord, logged } from '@ymir/executor/testing'
import { waitUntil } from '@ymir/service'
import { expect, test } from 'vitest'
import type { ContainerPlatform } from '../testing/containers.ts'
import { untilReleased } from '../testing/jobs.ts'

/** What can be seen of a job while it runs. */
export function testLive(platform: () => ContainerPlatform): void {
  test('what an image logs for TensorBoard is followed, listed by kind, and its file downloaded', async () => {
    const { client, jobs } = platform()
    const { simple, image, strings, plugin } = logged
    const records = [1, 2].map((step) =>
      aTensorboardRecord(
        aTensorboardEvent(step, [
          ['train/loss', simple(1 / step)],
          ['boxes', image],
          ['notes', strings, plugin('text')],
        ]),
      ),
    )
    const file = '"$OUT/tensorboard/events.out.tfevents.1700000000.machine.1.0"'
    const append = (record?: Buffer) => `echo ${record?.toString('base64')} | base64 -d >>${file}`
    const jobId = await jobs.run(
      `mkdir -p "$OUT/tensorboard"; ${append(records[0])}; ${untilReleased}; ${append(records[1])}; exit 1`,
    )
    const scalars = client.follow<{
      cursor: string
      scalars: { tag: string; step: number; value: number }[]
    }>(
      `subscription ($id: ID!, $after: String) {
        jobScalars(jobId: $id, after: $after, tags: ["train/loss"]) { cursor scalars { tag step value } }
      }`,
      { id: jobId },
    )
    const told = () => scalars.payloads.flatMap((payload) => payload.scalars)
    await scalars.until('the first number', () => told().length === 1)
    await jobs.release(jobId)
    await scalars.toItsEnd()
    expect(told()).toEqual([
      { tag: 'train/loss', step: 1, value: 1 },
      { tag: 'train/loss', step: 2, value: 0.5 },
    ])

    const query = `query ($id: ID!) { job(id: $id) { tensorboard { tags { tag kind } files { url size } } } }`
    const { job } = await client.ask<{
      job: { tensorboard: { tags: object[]; files: { url: string; size: number }[] } }
    }>(query, { id: jobId })
    expect(job.tensorboard.tags).toEqual([
      { tag: 'boxes', kind: 'IMAGE' },
      { tag: 'notes', kind: 'TEXT' },
      { tag: 'train/loss', kind: 'SCALAR' },
    ])
    const [event] = job.tensorboard.files
    expect(event?.url).toMatch(`/files/jobs/${jobId}/tensorboard/events.out.tfevents`)
    expect(await client.download(event?.url ?? '')).toEqual(Buffer.concat(records))
    await expect(client.withToken('').download(event?.url ?? '')).rejects.toThrow(/HTTP 40[13]/)
  })

  test('a registered secret is *** in the log, the message and the failure; colours stay', async () => {
    const { client, jobs } = platform()
    const secret = 'correct-horse-battery'
    const register = `mutation ($value: String!) {
      registerSecret(input: { name: "registry", value: $value }) { secret { name } }
    }`
    await client.ask(register, { value: secret })
    const [start, end] = [secret.slice(0, 7), secret.slice(7)]
    const jobId = await jobs.run(
      `secret=${start}; secret=$secret${end}; printf '\\033[32mgreen\\033[0m\\n'; echo "token $secret"
       monitor 0.4 4 "$(printf '\\t160004\\tno entry for %s' $secret)"; exit 1`,
    )
    const { failure } = await jobs.ended(jobId)
    const log = await jobs.logOf(jobId)
    expect(log).toContain('\u001b[32mgreen\u001b[0m\ntoken ***\n')
    expect(failure?.message).toContain('no entry for ***')
    expect(log + JSON.stringify(failure)).not.toContain(secret)
  })

  test('a log is read from any offset on, and followed from where a reader stopped', async () => {
    const { client, jobs } = platform()
    const jobId = await jobs.run(`echo one; ${untilReleased}; echo two; exit 1`)
    const follow = (after?: string) =>
      client.follow<{ cursor: string; text: string }>(
        `subscription ($id: ID!, $after: String) { jobLog(jobId: $id, after: $after) { cursor text } }`,
        { id: jobId, after },
      )
    const textOf = ({ payloads }: { payloads: { text: string }[] }) =>
      payloads.map(({ text }) => text).join('')
    const reader = follow()
    await reader.until('the first line', () => textOf(reader).endsWith('one\n'))
    reader.stop()
    await jobs.release(jobId)
    const next = follow(reader.payloads.at(-1)?.cursor)
    await next.toItsEnd()
    next.stop()
    expect(textOf(next)).toBe('two\n')

    const query = `query ($id: ID!, $offset: Float!) {
      job(id: $id) { log(offset: $offset) { text offset nextOffset end } }
    }`
    const offset = Buffer.byteLength(textOf(reader))
    const { job } = await waitUntil('the log', () =>
      client.ask<{ job: { log: object } }>(query, { id: jobId, offset }),
    )
    expect(job.log).toEqual({ text: 'two\n', offset, nextOffset: offset + 4, end: true })
  })
}
