/**
 * Packs all services into a folder and builds the dashboard, for the container image: `node --import tsx deploy/pack.ts programs`. The folder is
 * a link into node_modules, where the packed programs find what is not packed with them.
 */
import { rmSync, symlinkSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { builtPages } from './supervisor/pages.ts'
import { packPrograms } from './supervisor/programs.ts'
import { platformServices } from './supervisor/services.ts'

const link = resolve(process.argv[2] ?? 'programs')
const programs = await packPrograms(platformServices, console.log)
const [gateway = ''] = programs.get('gateway') ?? []
rmSync(link, { force: true })
symlinkSync(relative(dirname(link), dirname(gateway)), link)
await builtPages(console.log)
