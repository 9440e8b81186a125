import { useQuery } from '@apollo/client/react'
import { Badge, Group, Paper, SimpleGrid, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { labelColour } from '../asset/label-colour.ts'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import { Changes } from './Changes.tsx'
import { VersionDiffDocument, type VersionDiffQuery } from './diff.generated.ts'
import { VersionLink } from './VersionPage.tsx'

/** What is different between two versions: numbers, labels, and each asset with both sides. */
export function DiffPage() {
  const { t } = useTranslation('version')
  const { versionId = '', otherId = '' } = useParams()
  const { data, error, refetch } = useQuery(VersionDiffDocument, {
    variables: { from: versionId, to: otherId },
  })
  if (data && (!data.from || !data.to)) return <NotFound />
  const { from, to, datasetDiff: diff } = data ?? {}
  return (
    <Page
      title={from && to ? t('diffTitle', { from: nameOf(from), to: nameOf(to) }) : undefined}
      crumbs={[
        { label: from?.project.name, to: `/projects/${from?.project.id}` },
        { label: from?.dataset.name, to: `/datasets/${from?.dataset.id}` },
      ]}
      facts={
        from &&
        to && (
          <Group gap="xs">
            <VersionLink version={from} />
            <span aria-hidden>→</span>
            <VersionLink version={to} />
          </Group>
        )
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      {!diff && !error && <Skeleton h={120} />}
      {diff && (
        <>
          <SimpleGrid cols={{ base: 1, xs: 3 }}>
            <Figure name={t('kind.ADDED')} count={diff.added} colour="teal" />
            <Figure name={t('kind.REMOVED')} count={diff.removed} colour="red" />
            <Figure name={t('kind.CHANGED')} count={diff.changed} colour="orange" />
          </SimpleGrid>
          <LabelChanges labels={diff.labels} />
          <Changes from={versionId} to={otherId} />
        </>
      )}
    </Page>
  )
}

const nameOf = ({ dataset, number }: { dataset: { name: string }; number: number }) =>
  `${dataset.name} v${number}`

function Figure({ name, count, colour }: { name: string; count: number; colour: string }) {
  const { number } = useFormats()
  return (
    <Paper withBorder p="md">
      <Group gap={8}>
        <Badge circle size="xs" color={colour} aria-hidden />
        <Text size="sm" c="dimmed">
          {name}
        </Text>
      </Group>
      <Text size="xl" fw={650} className="figures">
        {number(count)}
      </Text>
    </Paper>
  )
}

function LabelChanges({ labels }: { labels: NonNullable<VersionDiffQuery['datasetDiff']>['labels'] }) {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  if (labels.length === 0) return null
  const most = Math.max(...labels.flatMap((one) => [one.fromAnnotationCount, one.toAnnotationCount]), 1)
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('labels')}
      </Title>
      <Table.ScrollContainer minWidth={480}>
        <Table verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('label')}</Table.Th>
              <Table.Th w="40%">{t('annotations')}</Table.Th>
              <Table.Th ta="right">{t('before')}</Table.Th>
              <Table.Th ta="right">{t('after')}</Table.Th>
              <Table.Th ta="right">{t('change')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {labels.map(({ label, fromAnnotationCount, toAnnotationCount }) => (
              <Table.Tr key={label}>
                <Table.Td>{label}</Table.Td>
                <Table.Td>
                  {[fromAnnotationCount, toAnnotationCount].map((count, index) => (
                    <div key={index} className="bar" aria-hidden style={{ margin: '2px 0' }}>
                      <div
                        style={{
                          width: `${(count / most) * 100}%`,
                          background: labelColour(label),
                          opacity: index === 0 ? 0.45 : 1,
                        }}
                      />
                    </div>
                  ))}
                </Table.Td>
                <Table.Td ta="right" className="figures">
                  {number(fromAnnotationCount)}
                </Table.Td>
                <Table.Td ta="right" className="figures">
                  {number(toAnnotationCount)}
                </Table.Td>
                <Table.Td ta="right" className="figures">
                  <Signed value={toAnnotationCount - fromAnnotationCount} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  )
}

function Signed({ value }: { value: number }) {
  const { i18n } = useTranslation()
  return new Intl.NumberFormat(i18n.language, { signDisplay: 'exceptZero' }).format(value)
}
