import { Anchor, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { JobTensorboardDocument } from './job.generated.ts'

/** The event files of a job, for TensorBoard itself; nothing where there are none. */
export function TensorboardFiles({ jobId, isOver }: { jobId: string; isOver: boolean }) {
  const { t } = useTranslation('job')
  const { bytes } = useFormats()
  const { data, refetch } = useQuery(JobTensorboardDocument, { variables: { id: jobId } })
  useEffect(() => {
    if (isOver) void refetch()
  }, [isOver, refetch])
  const files = data?.job?.tensorboard.files ?? []
  if (files.length === 0) return null
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('tensorboard')}
      </Title>
      <Text size="sm" c="dimmed">
        {t('tensorboardAdvice')}
      </Text>
      {files.map(({ path, size, url }) => (
        <Group key={path} gap="xs">
          <Anchor href={url} download size="sm">
            {path}
          </Anchor>
          <Text size="xs" c="dimmed" className="figures">
            {bytes(size)}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}
