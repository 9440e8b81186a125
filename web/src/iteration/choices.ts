import { useQuery } from '@apollo/client/react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { JobKind } from '../graph/schema.generated.ts'
import { useFormats } from '../look/formats.ts'
import type { VersionNameFragment } from '../version/version-name.generated.ts'
import { IterationChoicesDocument, type IterationChoicesQuery } from './iteration.generated.ts'
import { labellersOf } from './labeller.ts'

type Project = NonNullable<IterationChoicesQuery['project']>
export type ModelChoice = Project['models']['edges'][number]['node']
export type ImageChoice = IterationChoicesQuery['executorImages'][number]

export interface VersionChoice {
  readonly id: string
  readonly datasetId: string
  readonly datasetName: string
  readonly number: number
  readonly assetCount: number
}

/** What one can choose from in a project: versions, models, images, labellers. */
export function useChoices(projectId: string | undefined) {
  const { data, error, refetch } = useQuery(IterationChoicesDocument, {
    variables: { projectId: projectId ?? '' },
    skip: projectId === undefined,
  })
  return useMemo(
    () => ({ choices: data?.project ? choicesOf(data.project, data) : undefined, error, refetch }),
    [data, error, refetch],
  )
}
export type Choices = ReturnType<typeof choicesOf>

function choicesOf(project: Project, { executorImages, slots }: IterationChoicesQuery) {
  const datasets = project.datasets.edges.map(({ node }) => node)
  return {
    /** By dataset, newest first. */
    versions: datasets.flatMap(({ id, name, versions }) =>
      versions.edges.map(({ node }): VersionChoice => ({ ...node, datasetId: id, datasetName: name })),
    ),
    /** Those that can mine, newest first. */
    models: project.models.edges.map(({ node }) => node).filter(({ bestStage }) => bestStage),
    images: executorImages.filter(({ enabled }) => enabled),
    labellers: labellersOf(project.automaticLabellers, project.vendors),
    classes: project.classes,
    gpuCount: slots.filter(({ kind }) => kind === 'GPU').length,
  }
}

/** Images that can do all of this. */
export function imagesFor(images: readonly ImageChoice[], ...kinds: readonly JobKind[]): ImageChoice[] {
  return images.filter((image) => kinds.every((kind) => image.kinds.includes(kind)))
}

/** How a version is called where one chooses or names one: `pool, version 2 · 1,161 images`. */
export function useVersionName() {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  return (version: Pick<VersionChoice, 'datasetName' | 'number' | 'assetCount'>) =>
    t('versionName', {
      dataset: version.datasetName,
      version: number(version.number),
      images: number(version.assetCount),
      count: version.assetCount,
    })
}

/** The choices, and versions that are none of the newest but in use. */
export function versionsWith(
  { versions }: Pick<Choices, 'versions'>,
  ...used: readonly (VersionNameFragment | null | undefined)[]
): readonly VersionChoice[] {
  const missing = used.filter((one) => one != null && !versions.some(({ id }) => id === one.id))
  return [
    ...versions,
    ...missing.flatMap((one): VersionChoice[] =>
      one ? [{ ...one, datasetId: one.dataset.id, datasetName: one.dataset.name }] : [],
    ),
  ]
}
