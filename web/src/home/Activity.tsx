import { Paper, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { ActivityWall } from './ActivityWall.tsx'
import { HomeActivityDocument } from './home.generated.ts'
import { daysOfYear, wallOf } from './wall.ts'

/** What I did in the last year, day by day. */
export function Activity() {
  const { t } = useTranslation('home')
  const { data, error } = useQuery(HomeActivityDocument, { variables: { days: daysOfYear } })
  const viewer = data?.viewer
  const days = useMemo(
    () =>
      viewer &&
      wallOf(
        {
          versions: viewer.versionsByDay,
          models: viewer.modelsByDay,
          miningTasks: viewer.miningTasksByDay,
          answers: viewer.answersByDay,
        },
        new Date(),
      ),
    [viewer],
  )
  return (
    <Paper withBorder p="md" component="section" aria-labelledby="activity">
      <Stack gap="xs">
        <Title order={2} size="h5" id="activity">
          {t('activity')}
        </Title>
        {days && <ActivityWall days={days} />}
        {!days && !error && <Skeleton h={120} />}
        {error && !days && (
          <Text size="sm" c="dimmed">
            {t('activityMissing')}
          </Text>
        )}
      </Stack>
    </Paper>
  )
}
