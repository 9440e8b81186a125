import { readFile, stat } from 'node:fs/promises'
import type { SupergraphManager } from '@apollo/gateway'
import { log } from '@ymir/service'

const lookEveryMs = 1_000

/**
 * Gives the gateway the composed supergraph from its file, and again whenever the file changes. A changed file that is
 * no supergraph is refused, and the one before stays.
 */
export function supergraphFile(path: string): SupergraphManager {
  return {
    initialize: async ({ update }) => {
      const missing = `there is no supergraph at ${path}: compose it with \`npm run compose -w gateway\``
      let seen = await versionOf(path)
      const supergraphSdl = await readFile(path, 'utf8').catch(() => {
        throw new Error(missing)
      })
      const look = async () => {
        const version = await versionOf(path)
        if (version === seen || version === undefined) return
        seen = version
        try {
          update(await readFile(path, 'utf8'))
          log.info(`took the changed supergraph ${path}`)
        } catch (error) {
          log.error(`the changed supergraph ${path} is refused, the one before stays`, error)
        }
      }
      const timer = setInterval(() => void look(), lookEveryMs)
      timer.unref()
      return {
        supergraphSdl,
        cleanup: () => {
          clearInterval(timer)
          return Promise.resolve()
        },
      }
    },
  }
}

/** Differs whenever the file was written or replaced; undefined while there is none. */
async function versionOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found && `${found.ino} ${found.size} ${found.mtimeMs}`
}
