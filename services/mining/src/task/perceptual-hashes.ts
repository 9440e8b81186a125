import type { GraphClient } from '@ymir/graphql'
import type { PerceptualHash } from '../strategy/duplicates.ts'

const hashesQuery = /* GraphQL */ `
  query PerceptualHashes($versionId: ID!, $assetIds: [ID!]!) {
    datasetVersion(id: $versionId) {
      perceptualHashes(assetIds: $assetIds)
    }
  }
`
/** As the dataset service takes them. */
const atOnce = 5_000
/** Of images that are plain from left to right: alike in nothing else. */
const plain = '0000000000000000'

/** What images of a version look like; those that nobody has looked at yet, plain ones, and those of a version that is gone are left out. */
export async function perceptualHashesOf(
  graph: GraphClient,
  versionId: string,
  assetIds: readonly string[],
): Promise<ReadonlyMap<string, PerceptualHash>> {
  const found = new Map<string, PerceptualHash>()
  for (let from = 0; from < assetIds.length; from += atOnce) {
    const some = assetIds.slice(from, from + atOnce)
    const { datasetVersion } = await graph.query<{
      datasetVersion: { perceptualHashes: (string | null)[] } | null
    }>(hashesQuery, { versionId, assetIds: some })
    datasetVersion?.perceptualHashes.forEach((hash, index) => {
      if (hash && hash !== plain) found.set(some[index]!, wordsOf(hash))
    })
  }
  return found
}

function wordsOf(hexadecimal: string): PerceptualHash {
  return { high: parseInt(hexadecimal.slice(0, 8), 16), low: parseInt(hexadecimal.slice(8), 16) }
}
