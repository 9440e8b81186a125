import { join } from 'node:path'
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { GraphClient, serveSubgraph } from '@ymir/graphql'
import { log, type Configuration } from '@ymir/service'
import { versionsInTheGraph } from './contract/dataset-versions.ts'
import { DockerDriver } from './driver/docker-driver.ts'
import { ProcessDriver } from './driver/process-driver.ts'
import { findExecutors, registerBuiltInImage } from './image/registry.ts'
import { listen } from './job/job.events.ts'
import { readLimits } from './job/limits.ts'
import { migrations } from './migrations.ts'
import { Dispatcher } from './queue/dispatcher.ts'
import { cpuSlots, findGpus, gpuSlots } from './queue/slots.ts'
import { LatestResources } from './resource/job-meter.ts'
import { openCipher } from './secret/cipher.ts'
import { Secrets } from './secret/secrets.ts'
import { entities, subgraph } from './subgraph.ts'
import { tensorboardRoute } from './tensorboard/event-file.route.ts'

/** Starts the service: the graph's part, the queue, and the jobs that an earlier run left behind. */
export async function startExecutor(
  configuration: Configuration,
  environment: NodeJS.ProcessEnv = process.env,
) {
  const { databaseUrl, natsUrl, home, secret } = configuration
  const database = await openDatabase({
    url: databaseUrl,
    schema: 'executor',
    entities,
    migrations: [...busMigrations, ...migrations],
  })
  const bus = await openBus({ service: 'executor', natsUrl, database })
  const blobs = openBlobs(configuration.blobs)
  const graph = new GraphClient(configuration)
  const versions = versionsInTheGraph(graph)
  const jobsFolder = join(home, 'jobs')
  const drivers = { process: new ProcessDriver(), docker: new DockerDriver(environment) }
  const slots = [...cpuSlots(Number(environment.YMIR_CPU_SLOTS ?? 1)), ...gpuSlots(await findGpus())]
  log.info('slots for jobs', { slots: slots.map(({ id }) => id).join(' ') })
  const limits = readLimits(environment)
  const secrets = await Secrets.open(database, openCipher(secret, 'secrets of the executor'))
  const resources = new LatestResources()
  const parts = { database, bus, blobs, versions, jobsFolder, limits, mask: secrets.mask, resources }
  const dispatcher = new Dispatcher(slots, drivers, parts)
  listen(bus, dispatcher)
  await registerBuiltInImage(database, drivers, await findExecutors(environment))
  const server = await serveSubgraph({
    configuration,
    subgraph,
    context: { database, dispatcher, drivers, jobsFolder, resources, secrets },
    routes: tensorboardRoute,
  })
  await bus.start()
  await dispatcher.start()
  return {
    port: server.port,
    stop: async () => {
      await server.stop()
      await dispatcher.stop()
      await bus.stop()
      await graph.close()
      await database.destroy()
    },
  }
}
