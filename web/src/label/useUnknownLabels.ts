import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { labelKey, labelNamed } from './label-name.ts'
import { LabelSearchDocument } from './labels.generated.ts'

/** Of some names those that no label of the workspace has, as name or alias; each is looked up once. */
export function useUnknownLabels(names: readonly string[]): string[] {
  const client = useApolloClient()
  const [known, setKnown] = useState<ReadonlyMap<string, boolean>>(new Map())
  const missing = names.find((name) => !known.has(labelKey(name)))
  useEffect(() => {
    if (missing === undefined) return
    let isGone = false
    const lookUp = async () => {
      const { data } = await client.query({
        query: LabelSearchDocument,
        variables: { search: labelKey(missing), first: 500, after: null },
        fetchPolicy: 'network-only',
      })
      const labels = data?.labels.edges.map(({ node }) => node) ?? []
      const isKnown = labelNamed(missing, labels) !== undefined
      if (!isGone) setKnown((before) => new Map(before).set(labelKey(missing), isKnown))
    }
    // not knowing is no harm: the graph makes labels of unknown names, and says what is wrong with them
    lookUp().catch(() => setKnown((before) => new Map(before).set(labelKey(missing), true)))
    return () => {
      isGone = true
    }
  }, [client, missing])
  return names.filter((name) => known.get(labelKey(name)) === false)
}
