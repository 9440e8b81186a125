import { readConfiguration, stopOnSignal } from '@ymir/service'
import { startExecutor } from './executor.ts'

const executor = await startExecutor(readConfiguration('executor'))
stopOnSignal(executor.stop)
