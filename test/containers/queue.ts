import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiClient } from '../testing/client.ts'
import type { ContainerPlatform } from '../testing/containers.ts'
import { Jobs, untilReleased, type Progress } from '../testing/jobs.ts'
import type { Following } from '../testing/client.ts'
import { signUp } from '../testing/platform.ts'

/** One slot, which a job of one project holds; two jobs of that project and one of another wait. */
export function testQueue(platform: () => ContainerPlatform): void {
  let editor: ApiClient
  let others: Jobs
  let holder: string
  let waiting: Record<'first' | 'second' | 'other', string>
  let places: Record<keyof typeof waiting, Following<Progress>>

  beforeAll(async () => {
    const { client, jobs, executorImageId, platform: ymir } = platform()
    editor = await signUp(client, 'ben@ymir.example')
    const member = { projectId: jobs.projectId, email: 'ben@ymir.example', role: 'EDITOR' }
    await client.ask(
      `mutation ($input: SetMemberInput!) { setMember(input: $input) { membership { role } } }`,
      {
        input: member,
      },
    )
    others = await Jobs.inProject(client, { home: ymir.home, name: 'other', executorImageId })
    holder = await jobs.run(`monitor 0.5 2; ${untilReleased}; exit 1`)
    await jobs.reaches(holder, 'RUNNING')
    const soon = 'exit 1'
    waiting = { first: await jobs.run(soon), second: await jobs.run(soon), other: await others.run(soon) }
    places = {
      first: jobs.progress(waiting.first),
      second: jobs.progress(waiting.second),
      other: others.progress(waiting.other),
    }
  }, 120_000)
  afterAll(() => Object.values(places ?? {}).forEach((one) => one.stop()))

  /** Waits until the subscribers were pushed these places. */
  async function stand(expected: Partial<Record<keyof typeof waiting, number>>): Promise<void> {
    for (const [name, place] of Object.entries(expected)) {
      const following = places[name as keyof typeof places] // its own keys
      await following.until(`${name} at ${place}`, (seen) => seen.at(-1)?.queuePlace === place, 10_000)
    }
  }
  const move = (client: ApiClient, id: string, before: string) =>
    client.ask(
      `mutation ($id: ID!, $before: ID!) { moveQueuedJob(input: { id: $id, before: $before }) { job { id } } }`,
      { id, before },
    )
  const setPriority = (client: ApiClient, id: string, priority: number) =>
    client.ask(
      `mutation ($id: ID!, $priority: Int!) {
        setJobPriority(input: { id: $id, priority: $priority }) { job { priority } }
      }`,
      { id, priority },
    )
  const limit = (projectId: string, jobs: number | null) =>
    platform().client.ask(
      `mutation ($projectId: ID!, $limit: Int) {
        setProjectJobLimit(input: { projectId: $projectId, limit: $limit }) { limit }
      }`,
      { projectId, limit: jobs },
    )

  test('the project with nothing at work is next, and each subscriber is told its place and what it waits for', async () => {
    await stand({ other: 1, first: 2, second: 3 })
    expect(places.other.payloads.at(-1)).toMatchObject({ state: 'QUEUED', waitingFor: 'a CPU slot' })
    expect(places.second.payloads.at(-1)?.waitingFor).toBe('2 jobs before it')
  })

  test('when it is expected to start is told: half of the job at work is done', async () => {
    const isTold = (seen: readonly Progress[]) => seen.at(-1)?.estimatedStart != null
    await places.other.until('an estimate', isTold, 20_000)
    const inMs = Date.parse(places.other.payloads.at(-1)?.estimatedStart ?? '') - Date.now()
    expect(Math.abs(inMs)).toBeLessThan(30_000)
  })

  test('an administrator sets a priority, an editor may not', async () => {
    await expect(setPriority(editor, waiting.second, 5)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await setPriority(platform().client, waiting.second, 5)
    await stand({ second: 1, other: 2, first: 3 })
    await setPriority(platform().client, waiting.second, 0)
    await stand({ other: 1, first: 2, second: 3 })
  })

  test('an editor moves a job before another one of the project, not before one of others', async () => {
    await expect(move(editor, waiting.first, waiting.other)).rejects.toMatchObject({
      code: expect.stringMatching(/FORBIDDEN|NOT_FOUND/),
    })
    await move(editor, waiting.second, waiting.first)
    await stand({ other: 1, second: 2, first: 3 })
  })

  test('a project at its limit waits for it and holds up nobody else; without it all start in their order', async () => {
    const { jobs } = platform()
    await limit(others.projectId, 0)
    await stand({ second: 1, first: 2, other: 3 })
    expect(places.other.payloads.at(-1)?.waitingFor).toBe("the project's limit of 0 jobs")
    await jobs.release(holder)
    await jobs.ended(waiting.first)
    expect((places.other.payloads.at(-1) as Progress).state).toBe('QUEUED') // it is followed since the start
    await limit(others.projectId, null)
    await jobs.ended(waiting.other)
    const starts: string[] = []
    for (const id of [waiting.second, waiting.first, waiting.other]) {
      const { job } = await platform().client.ask<{ job: { startedAt: string } }>(
        `query ($id: ID!) { job(id: $id) { startedAt } }`,
        { id },
      )
      starts.push(job.startedAt)
    }
    expect(starts).toEqual(starts.toSorted())
  })
}
