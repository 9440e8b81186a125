import { Badge } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { JobState } from '../graph/schema.generated.ts'
import { stateColour } from './job-state.ts'

export function JobStateBadge({ state }: { state: JobState }) {
  const { t } = useTranslation('job')
  return (
    <Badge variant="light" color={stateColour[state]} tt="none" fw={600} data-state={state}>
      {t(`state.${state}`)}
    </Badge>
  )
}
