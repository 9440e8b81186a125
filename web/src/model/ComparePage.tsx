import { Anchor, Paper, SimpleGrid, Stack, Table, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { Empty } from '../look/Empty.tsx'
import { Page } from '../look/Page.tsx'
import { ComparedCurves } from './ComparedCurves.tsx'
import { ComparedClasses } from './ComparedClasses.tsx'
import { differingRows } from './differing-rows.ts'
import { Gain } from './Gain.tsx'
import { MapFigure } from './MapFigure.tsx'
import { Section } from '../look/Section.tsx'
import { useComparedModels, type ComparedModel } from './compared-models.ts'
import { Problem } from '../look/Problem.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'

/** As many as stand side by side on a screen. */
const most = 6

/** Models side by side; the first is what the others are compared with. */
export function ComparePage() {
  const { t } = useTranslation('model')
  const [params] = useSearchParams()
  const ids = [...new Set((params.get('ids') ?? '').split(',').filter(Boolean))].slice(0, most)
  const { models, error, isLoading } = useComparedModels(ids)
  const [first] = models
  return (
    <Page
      title={t('compare')}
      crumbs={[
        { label: first?.project.name, to: first ? `/projects/${first.project.id}` : '/' },
        { label: t('models'), to: first ? `/projects/${first.project.id}/models` : '/' },
      ]}
    >
      <Problem error={error} />
      {isLoading && <ListSkeleton />}
      {!isLoading && models.length < 2 && <Empty title={t('compareTwo')} advice={t('compareTwoAdvice')} />}
      {!isLoading && models.length >= 2 && <SideBySide models={models} />}
    </Page>
  )
}

function SideBySide({ models }: { models: readonly ComparedModel[] }) {
  const { t } = useTranslation('model')
  const first = models[0]!
  return (
    <Stack gap="xl">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: Math.min(4, models.length) }}>
        {models.map((model) => (
          <Paper key={model.id} withBorder p="md">
            <Anchor component={Link} to={`/models/${model.id}`} fw={600}>
              {model.name}
            </Anchor>
            <MapFigure map={model.map50} before={model === first ? null : first.map50} size="xl" />
            <Text size="xs" c="dimmed">
              {t('versionName', {
                name: model.testVersion.dataset.name,
                number: model.testVersion.number,
                count: model.testVersion.assetCount,
              })}
            </Text>
            {model !== first && <Gain from={first} to={model} />}
          </Paper>
        ))}
      </SimpleGrid>
      <Section title={t('byClass')}>
        <ComparedClasses models={models} />
      </Section>
      <Section title={t('differences')}>
        <Differences models={models} />
      </Section>
      <Section title={t('curves')}>
        <ComparedCurves models={models} />
      </Section>
    </Stack>
  )
}

function Differences({ models }: { models: readonly ComparedModel[] }) {
  const { t } = useTranslation('model')
  const rows = differingRows(models, t)
  if (rows.length === 0)
    return (
      <Text c="dimmed" size="sm">
        {t('noDifferences')}
      </Text>
    )
  return (
    <Table.ScrollContainer minWidth={480}>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('parameter')}</Table.Th>
            {models.map(({ id, name }) => (
              <Table.Th key={id}>{name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className="figures">
          {rows.map(({ name, values }) => (
            <Table.Tr key={name}>
              <Table.Th fw={500} scope="row">
                {name}
              </Table.Th>
              {values.map((value, index) => (
                <Table.Td key={models[index]!.id}>{value}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
