import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ModelState } from '../graph/schema.generated.ts'

const colours: Readonly<Record<ModelState, string>> = {
  TRAINING: 'cyan',
  EVALUATING: 'cyan',
  READY: 'teal',
  FAILED: 'red',
  CANCELLED: 'gray',
}

export function ModelStateBadge({ state }: { state: ModelState }) {
  const { t } = useTranslation('model')
  return (
    <Badge variant="light" color={colours[state]} tt="none" fw={600} data-state={state}>
      {t(`state.${state}`)}
    </Badge>
  )
}
