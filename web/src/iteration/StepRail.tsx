import { Loader, Text, UnstyledButton } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconPlayerStop } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { Place, Step } from './IterationPage.tsx'

/** The steps of a round in their order: done, running, next or failed. */
export function StepRail({
  steps,
  place,
  due,
  onLook,
}: {
  readonly steps: readonly Step[]
  readonly place: Place
  readonly due: Place
  readonly onLook: (place: Place) => void
}) {
  const { t } = useTranslation('iteration')
  return (
    <nav aria-label={t('steps')}>
      <ol className="step-rail">
        {steps.map((step, index) => (
          <li key={step.name} data-step={step.name} data-state={step.state} data-due={step.name === due}>
            <UnstyledButton
              className="step"
              aria-current={place === step.name ? 'step' : undefined}
              onClick={() => onLook(step.name)}
            >
              <span className="step-mark" aria-hidden>
                <Mark step={step} number={index + 1} />
              </span>
              <span>
                <Text span fw={600} size="sm" display="block">
                  {t(`step.${step.name}`)}
                </Text>
                <Text span size="xs" c="dimmed" display="block" className="figures">
                  <Outcome step={step} isDue={step.name === due} />
                </Text>
              </span>
            </UnstyledButton>
          </li>
        ))}
        {due === 'NEXT' && (
          <li data-step="NEXT" data-state="WAITING" data-due>
            <UnstyledButton
              className="step"
              aria-current={place === 'NEXT' ? 'step' : undefined}
              onClick={() => onLook('NEXT')}
            >
              <span className="step-mark" aria-hidden>
                {steps.length + 1}
              </span>
              <Text span fw={600} size="sm">
                {t('nextRound')}
              </Text>
            </UnstyledButton>
          </li>
        )}
      </ol>
    </nav>
  )
}

function Mark({ step, number }: { readonly step: Step; readonly number: number }) {
  if (step.state === 'SUCCEEDED') return <IconCheck size={16} />
  if (step.state === 'RUNNING') return <Loader size={16} color="currentColor" />
  if (step.state === 'FAILED') return <IconAlertTriangle size={16} />
  if (step.state === 'CANCELLED') return <IconPlayerStop size={16} />
  return <>{number}</>
}

/** What a step left, in a few words. */
function Outcome({ step, isDue }: { readonly step: Step; readonly isDue: boolean }) {
  const { t } = useTranslation('iteration')
  const { number, percent } = useFormats()
  if (step.state === 'WAITING') return <>{isDue ? t('isNext') : t('stateName.WAITING')}</>
  if (step.state !== 'SUCCEEDED') return <>{t(`stateName.${step.state}`)}</>
  if (step.name === 'TRAIN')
    return <>{typeof step.model?.map50 === 'number' ? t('mapIs', { map: percent(step.model.map50) }) : ''}</>
  return <>{t('imageCount', { count: step.assetCount ?? 0, images: number(step.assetCount ?? 0) })}</>
}
