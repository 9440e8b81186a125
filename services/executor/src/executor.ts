import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { log, openCipher, type Configuration } from '@ymir/service'
import { versionsInTheGraph } from './contract/dataset-versions.ts'
import { containerLimits, DockerDriver } from './driver/docker-driver.ts'
import { ProcessDriver } from './driver/process-driver.ts'
import { SlurmDriver } from './driver/slurm-driver.ts'
import { Pulls } from './image/pulls.ts'
import { RegistryCredentials } from './image/registry-credentials.ts'
import { findExecutors, registerBuiltInImage } from './image/registry.ts'
import { requestersInTheGraph } from './image/sharing.ts'
import { listen } from './job/job.events.ts'
import { readLimits } from './job/limits.ts'
import { keepFilesDays } from './job/old-files.ts'
import { migrations } from './migrations.ts'
import { Dispatcher } from './queue/dispatcher.ts'
import { findGpus, GpuWatch, nvidiaSmi } from './queue/gpus.ts'
import { usualLimit } from './queue/project-limit.ts'
import { cpuSlots, gpuSlots } from './queue/slots.ts'
import { LatestResources } from './resource/job-meter.ts'
import { Secrets } from './secret/secrets.ts'
import { entities, subgraph } from './subgraph.ts'
import { tensorboardRoute } from './tensorboard/event-file.route.ts'

/** Starts the service: the graph's part, the queue, and the jobs that an earlier run left behind. */
export async function startExecutor(
  configuration: Configuration,
  environment: NodeJS.ProcessEnv = process.env,
) {
  const { databaseUrl, natsUrl, home } = configuration
  const database = await openDatabase({
    url: databaseUrl,
    schema: 'executor',
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  const bus = await openBus({ service: 'executor', natsUrl, database })
  const blobs = await openBlobs(configuration.blobs)
  const graph = new GraphClient(configuration)
  const versions = versionsInTheGraph(graph)
  const jobsFolder = join(home, 'jobs')
  const credentials = new RegistryCredentials(database, configuration.secret)
  const docker = new DockerDriver(environment, containerLimits(environment), credentials.of)
  const drivers = { process: new ProcessDriver(), docker, slurm: new SlurmDriver(environment) }
  const pulls = new Pulls({ database, bus, drivers })
  const gpus = new GpuWatch(nvidiaSmi(environment))
  const slots = [...cpuSlots(Number(environment.YMIR_CPU_SLOTS ?? 1)), ...gpuSlots(await findGpus(gpus))]
  log.info('slots for jobs', { slots: slots.map(({ id }) => id).join(' ') })
  const limits = readLimits(environment)
  const requesters = requestersInTheGraph(graph)
  const secrets = await Secrets.open(database, openCipher(configuration.secret, 'secrets of the executor'))
  const resources = new LatestResources()
  const run = { versions, requesters, jobsFolder, limits, mask: secrets.mask, resources }
  const queue = { gpus, usualLimit: usualLimit(environment), keepFilesDays: keepFilesDays(environment) }
  const dispatcher = new Dispatcher(slots, drivers, { database, bus, blobs, ...run }, queue)
  listen(bus, dispatcher)
  await registerBuiltInImage(database, drivers, await findExecutors(environment))
  const server = await serveSubgraph({
    configuration,
    subgraph,
    context: { database, bus, dispatcher, drivers, pulls, credentials, jobsFolder, resources, secrets },
    routes: tensorboardRoute,
  })
  await bus.start()
  await dispatcher.start()
  await pulls.start()
  return {
    port: server.port,
    stop: async () => {
      await server.stop()
      await dispatcher.stop()
      await pulls.stop()
      await bus.stop()
      await graph.close()
      await database.destroy()
    },
  }
}
