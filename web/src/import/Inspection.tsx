import { Alert, Badge, Group, List, Paper, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import type { Inspected } from './ImportPage.tsx'

const problemsShown = 5

/** What the files are taken for and what they hold, before anything is imported. */
export function Inspection({ inspection }: { inspection: Inspected }) {
  const { t } = useTranslation(['import', 'version'])
  const { number, bytes } = useFormats()
  const { problems } = inspection
  const isSampled = inspection.inspectedCount < inspection.imageCount
  return (
    <Paper withBorder p="md" component="section" aria-label={t('found')}>
      <Stack gap="sm">
        <Group gap="xs">
          <Title order={2} size="h4">
            {t('found')}
          </Title>
          <Badge variant="light" tt="none">
            {t(`version:format.${inspection.format}`)}
          </Badge>
        </Group>
        <Text size="sm" c="dimmed">
          {inspection.why}
        </Text>
        <SimpleGrid cols={{ base: 2, xs: 4 }}>
          <Figure name={t('images')} value={number(inspection.imageCount)} />
          <Figure name={t('size')} value={bytes(inspection.imageBytes)} />
          <Figure name={t('annotationFiles')} value={number(inspection.annotationFileCount)} />
          <Figure
            name={
              isSampled
                ? t('annotationsInFirst', { number: number(inspection.inspectedCount) })
                : t('annotations')
            }
            value={number(inspection.annotationCount)}
          />
        </SimpleGrid>
        <Labels name={t('knownLabels')} labels={inspection.knownLabels} />
        <Labels name={t('unknownLabels')} labels={inspection.unknownLabels} isNew />
        {problems.length > 0 && (
          <Alert color="orange" title={t('problemsFound')}>
            <List size="sm">
              {problems.slice(0, problemsShown).map((problem, index) => (
                <List.Item key={index}>
                  {[
                    problem.line === null ? problem.file : `${problem.file}:${problem.line}`,
                    [problem.field, problem.found, problem.problem].filter(Boolean).join(' '),
                    problem.remedy,
                  ].join(' — ')}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
      </Stack>
    </Paper>
  )
}

export function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text fw={600} className="figures">
        {value}
      </Text>
    </div>
  )
}

function Labels({
  name,
  labels,
  isNew = false,
}: {
  name: string
  labels: readonly string[]
  isNew?: boolean
}) {
  if (labels.length === 0) return null
  return (
    <Group gap={6}>
      <Text size="sm">{name}</Text>
      {labels.map((label) => (
        <Badge
          key={label}
          variant={isNew ? 'outline' : 'default'}
          color={isNew ? 'orange' : undefined}
          c="var(--mantine-color-text)"
          tt="none"
          leftSection={<span className="label-dot" style={{ background: labelColour(label) }} />}
        >
          {label}
        </Badge>
      ))}
    </Group>
  )
}
