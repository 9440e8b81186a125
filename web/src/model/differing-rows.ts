import type { TFunction } from 'i18next'
import type { ComparedModel } from './compared-models.ts'

export interface Row {
  readonly name: string
  /** One for each model. */
  readonly values: readonly string[]
}

/** What was not the same in the trainings of some models: sets, algorithm, start, hyper-parameters. */
export function differingRows(models: readonly ComparedModel[], t: TFunction<'model'>): Row[] {
  const facts: [string, (model: ComparedModel) => string][] = [
    [t('trainingSet'), ({ trainingVersion }) => versionName(trainingVersion)],
    [t('testSet'), ({ testVersion }) => versionName(testVersion)],
    [t('executorImage'), ({ executorImage }) => executorImage.name],
    [
      t('startStage'),
      ({ startStage }) =>
        startStage
          ? t('stageOf', { stage: startStage.name, model: startStage.model.name })
          : t('fromScratch'),
    ],
    [t('gpus'), ({ gpuCount }) => String(gpuCount)],
    [t('classes'), ({ classes }) => classes.join(', ')],
  ]
  const parameters = models.map((model) => ({
    ...entriesOf(model.executorImage.trainingTemplate),
    ...entriesOf(model.parameters),
  }))
  const names = [...new Set(parameters.flatMap((of) => Object.keys(of)))].sort()
  return [
    ...facts.map(([name, tell]) => ({ name, values: models.map(tell) })),
    ...names.map((name) => ({ name, values: parameters.map((of) => written(of[name])) })),
  ].filter(({ values }) => new Set(values).size > 1)

  function versionName({ dataset, number, assetCount }: ComparedModel['testVersion']): string {
    return t('versionName', { name: dataset.name, number, count: assetCount })
  }
}

function entriesOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function written(value: unknown): string {
  if (value === undefined) return '–'
  return typeof value === 'string' ? value : JSON.stringify(value)
}
