import { Anchor, Badge, Group, Stack, Table, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconDownload } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import type { ShownModel } from './ModelPage.tsx'
import { ModelStagesDocument, ModelStagesOfDocument } from './model.generated.ts'
import { Section } from '../look/Section.tsx'

/** The checkpoints of a model, as they appear; the best one is marked. */
export function Stages({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const { percent, bytes, time } = useFormats()
  const { data, error, refetch } = useQuery(ModelStagesOfDocument, { variables: { id: model.id } })
  useLive(
    ModelStagesDocument,
    { modelId: model.id },
    { skip: model.state !== 'TRAINING', onUpdate: () => void refetch() },
  )
  const stages = data?.model?.stages
  return (
    <Section title={t('stages')}>
      <Problem error={error} />
      {!stages && !error && <ListSkeleton rows={2} />}
      {stages?.length === 0 && (
        <Text c="dimmed" size="sm">
          {t('noStages')}
        </Text>
      )}
      {stages && stages.length > 0 && (
        <Table.ScrollContainer minWidth={520}>
          <Table verticalSpacing="xs">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('stage')}</Table.Th>
                <Table.Th ta="right">{t('reportedMap')}</Table.Th>
                <Table.Th>{t('savedAt')}</Table.Th>
                <Table.Th>{t('files')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {stages.map((stage) => (
                <Table.Tr key={stage.id} bg={stage.best ? 'var(--mantine-primary-color-light)' : undefined}>
                  <Table.Td>
                    <Group gap="xs">
                      <Text size="sm" fw={stage.best ? 650 : 400}>
                        {stage.name}
                      </Text>
                      {stage.best && (
                        <Badge size="sm" tt="none">
                          {t('best')}
                        </Badge>
                      )}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right" className="figures">
                    {stage.reportedMap === null ? '–' : percent(stage.reportedMap)}
                  </Table.Td>
                  <Table.Td className="figures">{time(stage.savedAt)}</Table.Td>
                  <Table.Td>
                    <Stack gap={2}>
                      {stage.files.map((file) => (
                        <Anchor key={file.name} href={file.url} download size="sm">
                          <IconDownload size={13} aria-hidden /> {file.name}{' '}
                          <Text span size="xs" c="dimmed" className="figures">
                            {bytes(file.size)}
                          </Text>
                        </Anchor>
                      ))}
                    </Stack>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  )
}
