import { stopOnSignal } from '@ymir/service'
import { readConfiguration } from './configuration.ts'
import { startGateway } from './gateway.ts'

const gateway = await startGateway(readConfiguration())
stopOnSignal(gateway.stop)
