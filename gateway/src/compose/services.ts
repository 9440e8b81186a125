import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Subgraph } from '@ymir/graphql'
import { serviceNames } from '../configuration.ts'

const servicesFolder = fileURLToPath(new URL('../../../services', import.meta.url))

/**
 * Every service's `subgraph`, taken from its source at build time. The gateway imports no service; composing is the one
 * place that looks at all of them, so it finds them by path.
 */
export async function subgraphsOfServices(): Promise<Subgraph[]> {
  const subgraphs: Subgraph[] = []
  for (const name of serviceNames) {
    const path = join(servicesFolder, name, 'src', 'subgraph.ts')
    if (!existsSync(path))
      throw new Error(`the ${name} service has no ${path}: it must export its \`subgraph\``)
    const { subgraph } = (await import(pathToFileURL(path).href)) as { subgraph?: Subgraph } // checked in the next line
    if (subgraph?.name !== name) throw new Error(`${path} must export \`subgraph\` with the name ${name}`)
    subgraphs.push(subgraph)
  }
  return subgraphs
}
