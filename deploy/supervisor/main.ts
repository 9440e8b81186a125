/**
 * The detached supervisor: `ymir.sh start` starts it and reads in run.json how far it is. It ends all and itself on
 * SIGTERM. Arguments: --ymir-home=<folder> --port=<gateway port> --host=<gateway host> --from-source, and for its own
 * tests --services=<JSON file with a list of name and entry> instead of the platform's.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { builtPages } from './pages.ts'
import { Platform } from './platform.ts'
import { platformServices } from './services.ts'

const { values } = parseArgs({
  options: {
    'ymir-home': { type: 'string' },
    port: { type: 'string' },
    host: { type: 'string' },
    services: { type: 'string' },
    'from-source': { type: 'boolean' },
  },
})
const home = values['ymir-home']
if (!home) throw new Error('--ymir-home is missing: this program is started by `bash ymir.sh start`')

// A signal in the middle of starting counts too: everything is stopped as soon as it is known.
let wantedToStop = () => {}
const signal = new Promise<void>((resolve) => (wantedToStop = resolve))
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => wantedToStop())

const pages = values.services ? undefined : await builtPages(console.log)

const Services = z.array(z.object({ name: z.string(), entry: z.string() }))
const platform = await Platform.launch({
  home,
  services: values.services
    ? Services.parse(JSON.parse(readFileSync(values.services, 'utf8')))
    : platformServices,
  gatewayPort: Number(values.port ?? 12001),
  gatewayHost: values.host ?? '127.0.0.1',
  pages,
  fromSource: values['from-source'],
  quiet: true,
})
await signal
await platform.stop()
process.exit(0)
