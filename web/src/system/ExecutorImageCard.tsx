import './system.css'
import { Alert, Badge, Button, Collapse, Group, Paper, Progress, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useLive } from '../graph/live.ts'
import { useFormats } from '../look/formats.ts'
import { ExecutorImagePullDocument, type ExecutorImageCardFragment } from './executor-images.generated.ts'
import { ExecutorImageSettings } from './ExecutorImageSettings.tsx'

const stateColours = { PULLING: 'blue', READY: 'teal', FAILED: 'red' } as const
const levelColours = { ERROR: 'red', WARNING: 'orange', FACT: 'dimmed' } as const

/** One executor image: what it is, how its pull goes, how it stands to the contract, and its switches. */
export function ExecutorImageCard({ image }: { image: ExecutorImageCardFragment }) {
  const { t } = useTranslation('system')
  const { percent, ago } = useFormats()
  const [isReportOpen, { toggle }] = useDisclosure()
  useLive(
    ExecutorImagePullDocument,
    { executorImageId: image.id },
    { skip: image.state !== 'PULLING', onUpdate: () => undefined },
  )
  const [current] = image.revisions
  return (
    <Paper component="li" withBorder p="md">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <div className="image-name">
            <Group gap="xs">
              <Title order={2} size="h5">
                {image.name}
              </Title>
              <Badge variant="light" color={stateColours[image.state]} tt="none">
                {t(`imageState.${image.state}`)}
              </Badge>
              {image.kinds.map((kind) => (
                <Badge key={kind} variant="default" tt="none" fw={500}>
                  {t(`kind.${kind}`)}
                </Badge>
              ))}
            </Group>
            <Text size="sm" c="dimmed" className="reference">
              {image.reference}
            </Text>
            <Text size="xs" c="dimmed">
              {t(`driverName.${image.driver as 'docker'}`)}
              {current &&
                ` · ${t('revision', { digest: current.digest.slice(0, 19), when: ago(current.createdAt) })}`}
            </Text>
          </div>
          <ExecutorImageSettings image={image} />
        </Group>
        {image.state === 'PULLING' && (
          <Group gap="sm" wrap="nowrap">
            <Progress value={image.progress * 100} className="grow" animated aria-label={t('pullProgress')} />
            <Text size="sm" className="figures">
              {percent(image.progress)}
            </Text>
          </Group>
        )}
        {image.problem && (
          <Alert color={image.state === 'FAILED' ? 'red' : 'orange'} title={image.problem.message}>
            {image.problem.advice}
          </Alert>
        )}
        {image.report.length > 0 && (
          <>
            <Group>
              <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={isReportOpen}>
                {t('report', { count: image.report.length })}
              </Button>
            </Group>
            <Collapse expanded={isReportOpen}>
              <Stack component="ul" gap={4} className="plain-list">
                {image.report.map(({ level, text }) => (
                  <Text key={text} component="li" size="sm" c={levelColours[level]}>
                    {text}
                  </Text>
                ))}
              </Stack>
            </Collapse>
          </>
        )}
      </Stack>
    </Paper>
  )
}
