import {
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Stack,
  Table,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { IconDownload, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { ImportPartsFragment } from './import.generated.ts'
import { Figure } from './Inspection.tsx'

type Report = NonNullable<ImportPartsFragment['report']>

const shownAtMost = 200

/** What came in, what did not and why. */
export function ImportReport({ report, reportUrl }: { report: Report; reportUrl: string | null }) {
  const { t } = useTranslation(['import', 'version'])
  const { number } = useFormats()
  return (
    <>
      <Paper withBorder p="md">
        <SimpleGrid cols={{ base: 2, xs: 3, sm: 6 }}>
          <Figure name={t('images')} value={number(report.assetCount)} />
          <Figure name={t('annotations')} value={number(report.annotationCount)} />
          <Figure name={t('predictions')} value={number(report.predictionCount)} />
          <Figure name={t('duplicates')} value={number(report.duplicateCount)} />
          <Figure name={t('skipped')} value={number(report.skippedItemCount)} />
          <Figure name={t('format')} value={report.format ? t(`version:format.${report.format}`) : '–'} />
        </SimpleGrid>
        {report.unknownLabels.length > 0 && (
          <Text size="sm" mt="sm">
            {t('unknownLabelsWere', { labels: report.unknownLabels.join(', ') })}
          </Text>
        )}
      </Paper>
      {report.problemCount > 0 && <Problems report={report} reportUrl={reportUrl} />}
    </>
  )
}

function Problems({ report, reportUrl }: { report: Report; reportUrl: string | null }) {
  const { t } = useTranslation('import')
  const { number } = useFormats()
  const [text, setText] = useState('')
  const [outcome, setOutcome] = useState<'ALL' | 'SKIPPED' | 'REFUSED'>('ALL')
  const wanted = text.trim().toLowerCase()
  const fitting = report.problems.filter(
    (problem) =>
      (outcome === 'ALL' || problem.outcome === outcome) &&
      `${problem.file} ${problem.field} ${problem.problem} ${problem.remedy}`.toLowerCase().includes(wanted),
  )
  return (
    <Stack gap="xs" component="section">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {t('problems', { count: report.problemCount, number: number(report.problemCount) })}
        </Title>
        {reportUrl && (
          <Group gap="xs">
            {[reportUrl, reportUrl.replace(/\.json$/, '.csv')].map((url) => (
              <Button
                key={url}
                component="a"
                href={url}
                download
                size="xs"
                variant="default"
                leftSection={<IconDownload size={14} aria-hidden />}
              >
                {url.endsWith('.csv') ? t('asCsv') : t('asJson')}
              </Button>
            ))}
          </Group>
        )}
      </Group>
      <Group gap="xs">
        <TextInput
          flex={1}
          aria-label={t('searchProblems')}
          placeholder={t('searchProblems')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={({ currentTarget: { value } }) => setText(value)}
        />
        <SegmentedControl
          size="xs"
          aria-label={t('outcomes')}
          value={outcome}
          onChange={(value) => setOutcome(value as typeof outcome)} // one of its data
          data={(['ALL', 'SKIPPED', 'REFUSED'] as const).map((one) => ({
            value: one,
            label: t(`outcome.${one}`),
          }))}
        />
      </Group>
      <Table.ScrollContainer minWidth={640}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('file')}</Table.Th>
              <Table.Th>{t('whatIsWrong')}</Table.Th>
              <Table.Th>{t('remedy')}</Table.Th>
              <Table.Th>{t('outcomeOf')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {fitting.slice(0, shownAtMost).map((problem, index) => (
              <Table.Tr key={index}>
                <Table.Td className="file-name">
                  {problem.line === null ? problem.file : `${problem.file}:${problem.line}`}
                </Table.Td>
                <Table.Td>
                  {[problem.field, problem.found === null ? null : `“${problem.found}”`, problem.problem]
                    .filter(Boolean)
                    .join(' ')}
                </Table.Td>
                <Table.Td>{problem.remedy}</Table.Td>
                <Table.Td>
                  <Badge
                    variant="light"
                    color={problem.outcome === 'REFUSED' ? 'red' : 'orange'}
                    tt="none"
                    miw="max-content"
                  >
                    {t(`outcome.${problem.outcome}`)}
                  </Badge>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="xs" c="dimmed" role="status">
        {t('problemsShown', {
          shown: number(Math.min(fitting.length, shownAtMost)),
          fitting: number(fitting.length),
          all: number(report.problemCount),
        })}
      </Text>
    </Stack>
  )
}
