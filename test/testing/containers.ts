import {
  importSampleImage,
  sampleImage,
  startPodman,
  startRegistry,
  whyNoRegistry,
  type TestEngine,
  type TestRegistry,
} from '@ymir/executor/testing'
import type { ApiClient } from './client.ts'
import { Jobs, registerImage } from './jobs.ts'
import { aPlatform, type TestPlatform } from './platform.ts'

/** What every container may use here: so little that a test reaches it. */
export const containerLimits = { memoryBytes: 2 ** 27, cpus: 1, openFiles: 4_096, outputBytes: 5_000_000 }

/** The sample image, as the engine has it. */
export const sampleReference = 'localhost/ymir-sample:latest'

/** An engine and a registry that asks for credentials; else the reason why they cannot be had. */
export async function startEngine(): Promise<
  { engine: TestEngine; registry: TestRegistry | undefined } | { reason: string }
> {
  const registry = whyNoRegistry() ? undefined : await startRegistry({ asksForCredentials: true })
  const engine = await startPodman(registry ? [registry.address] : [])
  if (!('reason' in engine)) return { engine, registry }
  await registry?.stop()
  return engine
}

/** The whole platform over real containers, one at a time. */
export interface ContainerPlatform {
  readonly engine: TestEngine
  readonly registry: TestRegistry | undefined
  readonly platform: TestPlatform
  /** The administrator's. */
  readonly client: ApiClient
  readonly executorImageId: string
  readonly jobs: Jobs
  stop(): Promise<void>
}

export async function aContainerPlatform(
  parts: Pick<ContainerPlatform, 'engine' | 'registry'>,
): Promise<ContainerPlatform> {
  const { engine, registry } = parts
  await importSampleImage(engine, sampleImage, sampleReference)
  const { memoryBytes, cpus, openFiles, outputBytes } = containerLimits
  const platform = await aPlatform({
    DOCKER_HOST: engine.address,
    YMIR_CPU_SLOTS: '1',
    YMIR_JOB_MEMORY_BYTES: String(memoryBytes),
    YMIR_JOB_CPUS: String(cpus),
    YMIR_JOB_OPEN_FILES: String(openFiles),
    YMIR_JOB_OUTPUT_LIMIT_BYTES: String(outputBytes),
  })
  const { client, home } = platform
  const image = { name: 'sample', driver: 'docker', reference: sampleReference }
  const { id: executorImageId } = await registerImage(client, image)
  const jobs = await Jobs.inProject(client, { home, name: 'shapes', executorImageId })
  const stop = async () => {
    await platform.stop()
    await engine.stop()
    await registry?.stop()
  }
  return { engine, registry, platform, client, executorImageId, jobs, stop }
}
