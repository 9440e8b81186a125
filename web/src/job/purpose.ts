import type { TFunction } from 'i18next'
import type { JobSummaryFragment } from './job.generated.ts'

/** What a job is for, in words, and the page of that. */
export function purposeOf(job: JobSummaryFragment, t: TFunction<'job'>): { words: string; to?: string } {
  const { model, evaluation, inference, miningTask } = job
  if (model) return { words: t('trains', { model: model.name }), to: `/models/${model.id}` }
  if (evaluation) {
    const evaluated = evaluation.stage.model
    return { words: t('evaluates', { model: evaluated.name }), to: `/models/${evaluated.id}` }
  }
  if (inference) {
    const used = inference.stage.model
    return { words: t('infers', { model: used.name }), to: `/models/${used.id}` }
  }
  if (miningTask) return { words: t('mines') }
  return { words: job.kinds.map((kind) => t(`kind.${kind}`)).join(', ') }
}
