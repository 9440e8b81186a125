import { notFound, type GraphClient } from '@ymir/graphql'
import type { IterationSettings } from '../iteration/iteration.ts'
import { checkVendors } from '../iteration/labeller.ts'
import { checkImage, type ImageToMineWith } from '../task/image-check.ts'
import { checkSettings as checkMiningSettings } from '../task/settings.ts'

/**
 * Checks what later rounds of a plan are to be done with, for who asks: the rounds themselves begin without them.
 * @param classes of the model that mines
 * @throws DomainError when the settings do not go together, the image cannot mine or is not there for them, or the test set or a vendor is not in the project
 */
export async function checkSettings(
  { graph, asAdministrator }: { graph: GraphClient; asAdministrator: boolean },
  projectId: string,
  settings: IterationSettings,
  classes: readonly string[],
): Promise<void> {
  checkMiningSettings(settings, classes)
  const { executorImageId, testVersionId, annotate, vendorIds } = settings
  const answer = await graph.query<Answer>(query, { executorImageId, testVersionId })
  checkImage(answer.executorImage, executorImageId, { annotate, asAdministrator })
  if (answer.test?.project.id !== projectId) throw notFound('dataset version in this project', testVersionId)
  await checkVendors(graph, projectId, vendorIds)
}

interface Answer {
  executorImage: ImageToMineWith | null
  test: { project: { id: string } } | null
}

const query = /* GraphQL */ `
  query SettingsOfPlan($executorImageId: ID!, $testVersionId: ID!) {
    executorImage(id: $executorImageId) {
      name
      kinds
      enabled
      shared
      tellsDetails
    }
    test: datasetVersion(id: $testVersionId) {
      project {
        id
      }
    }
  }
`
