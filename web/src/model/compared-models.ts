import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { ComparedModelDocument, type ComparedModelQuery } from './model.generated.ts'

export type ComparedModel = NonNullable<ComparedModelQuery['model']>
export type ComparedEvaluation = ComparedModel['evaluations'][number]

interface Compared {
  readonly models: readonly ComparedModel[]
  readonly error: unknown
  readonly isLoading: boolean
}

/** Models in the order asked for; those that one may not see are left out. */
export function useComparedModels(ids: readonly string[]): Compared {
  const client = useApolloClient()
  const [compared, setCompared] = useState<Compared>({ models: [], error: undefined, isLoading: true })
  const key = ids.join()
  useEffect(() => {
    let isWanted = true
    const answers = key
      .split(',')
      .filter(Boolean)
      .map((id) => client.query({ query: ComparedModelDocument, variables: { id } }))
    Promise.all(answers).then(
      (all) => {
        const models = all.flatMap(({ data }) => data?.model ?? [])
        if (isWanted) setCompared({ models, error: undefined, isLoading: false })
      },
      (error: unknown) => isWanted && setCompared({ models: [], error, isLoading: false }),
    )
    return () => void (isWanted = false)
  }, [client, key])
  return compared
}

/** The evaluation of a model's best stage on a version, the newest; its own test version when none is named. */
export function evaluationOn(
  model: ComparedModel,
  versionId: string = model.testVersion.id,
): ComparedEvaluation | undefined {
  return model.evaluations.find(
    ({ state, version, stage }) =>
      state === 'SUCCEEDED' && version.id === versionId && stage.id === model.bestStage?.id,
  )
}
