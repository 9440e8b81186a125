import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { importSampleImage, sampleImage } from '@ymir/executor/testing'
import { waitUntil } from '@ymir/service'
import pg from 'pg'
import { expect, test } from 'vitest'
import { containerLimits, type ContainerPlatform } from '../testing/containers.ts'
import { registerImage, untilReleased } from '../testing/jobs.ts'

/** Every end of a job that is no success tells its cause and what to do. */
export function testEnds(platform: () => ContainerPlatform): void {
  /** Runs a script to its end. @returns why it failed */
  async function failureOf(script: string, parameters: object = {}) {
    const { jobs } = platform()
    const { state, failure } = await jobs.ended(await jobs.run(script, parameters))
    expect(state).toBe('FAILED')
    return failure
  }

  test('a container that takes more memory than it may is OUT_OF_MEMORY', async () => {
    expect(await failureOf('exec tail /dev/zero')).toMatchObject({
      code: 'OUT_OF_MEMORY',
      message: expect.stringContaining('the image was out of memory'),
      advice: expect.stringContaining('smaller batch'),
      exitCode: 137,
    })
  })

  test('a job past its own time limit is stopped: TIMEOUT', async () => {
    expect(await failureOf('sleep 60', { time_limit_seconds: 1 })).toMatchObject({
      code: 'TIMEOUT',
      message: 'the job was stopped after its time limit of 1 seconds',
      advice: expect.stringContaining('time_limit_seconds'),
    })
  })

  test('a job that writes more than it may is stopped: DISK_FULL', async () => {
    const bytes = containerLimits.outputBytes + 1
    expect(await failureOf(`head -c ${bytes} /dev/zero >"$OUT/large"; sleep 60`)).toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/it wrote 5000\d{3} bytes to \/out/),
      advice: expect.stringContaining('write less'),
    })
  })

  test('a result that breaks the contract is told with its file and line: CONTRACT_VIOLATION', async () => {
    const result = 'model_stages:\\n  a:\\n    mAP: 1\\n'
    const script = `mkdir -p "$OUT/models"; printf '${result}' >"$OUT/models/result.yaml"; exit 0`
    expect(await failureOf(script)).toMatchObject({
      code: 'CONTRACT_VIOLATION',
      message: expect.stringMatching(/^\/out\/models\/result\.yaml:3: model_stages\.a\.files /),
      advice: expect.stringContaining('tell its author the file and line'),
    })
  })

  test('an image that ends by itself fails with its exit code and the last 50 lines of its log: USER_CODE', async () => {
    const failure = await failureOf('for n in {1..80}; do echo "line $n"; done; exit 3')
    expect(failure).toMatchObject({
      code: 'USER_CODE',
      exitCode: 3,
      advice: expect.stringContaining('end of the log'),
    })
    const last = Array.from({ length: 50 }, (_, index) => `line ${index + 31}`)
    expect(failure?.logTail.split('\n')).toEqual(last)
  })

  test('what an image says of its own error is told in words', async () => {
    const failure = await failureOf(`monitor 0.4 4 "$(printf '\\t300001\\tno such network')"; exit 1`)
    expect(failure).toMatchObject({
      code: 'BAD_CONFIGURATION',
      message: expect.stringContaining('bad configuration: no such network'),
    })
  })

  test('an image that the engine has lost is IMAGE_MISSING, by name', async () => {
    const { client, engine, jobs } = platform()
    const reference = 'localhost/ymir-lost:latest'
    await importSampleImage(engine, sampleImage, reference, (root) => writeFile(join(root, 'lost'), ''))
    const { id } = await registerImage(client, { name: 'lost', driver: 'docker', reference })
    await engine.engine.getImage(reference).remove({ force: true })
    const { failure } = await jobs.ended(await jobs.with(id).run('exit 0'))
    expect(failure).toMatchObject({
      code: 'IMAGE_MISSING',
      message: expect.stringContaining(`container image ${reference}`),
      advice: expect.stringContaining('register the executor image again'),
    })
  })

  test('models that were saved before a failure are offered', async () => {
    const { client, jobs } = platform()
    const { id, jobId } = await jobs.runModel('stage epoch_1 0.5 1663934682; exit 7')
    expect(await jobs.ended(jobId)).toMatchObject({ state: 'FAILED', failure: { exitCode: 7 } })
    const query = `query ($id: ID!) { model(id: $id) { state problem stages { id name } } }`
    const { model } = await waitUntil('the model to fail', async () => {
      const answer = await client.ask<{
        model: { state: string; problem: string; stages: { name: string }[] }
      }>(query, { id })
      return answer.model.state === 'FAILED' && answer
    })
    expect(model.stages).toMatchObject([{ name: 'epoch_1' }])
  })

  test('a job is cancelled while it is collected, though the database does not answer; twice is harmless', async () => {
    const { client, jobs, platform: ymir } = platform()
    const { jobId } = await jobs.runModel(`stage epoch_1 0.5 1663934682; ${untilReleased}; exit 0`)
    const query = `query ($id: ID!) { job(id: $id) { model { stages { name } } } }`
    await waitUntil('its stage to be saved', async () => {
      const { job } = await client.ask<{ job: { model: { stages: object[] } } }>(query, { id: jobId })
      return job.model.stages.length === 1
    })
    const database = new pg.Client(ymir.platform.databaseUrl)
    await database.connect()
    try {
      await database.query('begin')
      await database.query('lock table executor.job_stages in access exclusive mode')
      await jobs.release(jobId)
      await jobs.reaches(jobId, 'COLLECTING')
      const asked = Date.now()
      await Promise.all([jobs.cancel(jobId), jobs.cancel(jobId)])
      expect(Date.now() - asked).toBeLessThan(5_000)
    } finally {
      await database.end()
    }
    await jobs.cancel(jobId)
    expect(await jobs.ended(jobId)).toEqual(expect.objectContaining({ state: 'CANCELLED', failure: null }))
  })
}
