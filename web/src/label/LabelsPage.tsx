import { Badge, ColorSwatch, Group, Table, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@apollo/client/react'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty } from '../look/Empty.tsx'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useFormats } from '../look/formats.ts'
import { AddLabels } from './AddLabels.tsx'
import { LabelSearchDocument } from './labels.generated.ts'

/** All labels of the workspace, and more of them. */
export function LabelsPage() {
  const { t } = useTranslation('label')
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 200)
  return (
    <Page title={t('labels')} crumbs={[]} facts={t('labelsFacts')}>
      <Section title={t('addLabels')} advice={t('addAdvice')}>
        <AddLabels />
      </Section>
      <TextInput
        label={t('search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        maw={360}
      />
      {/* another search starts from its first page */}
      <LabelTable key={search} search={search} />
    </Page>
  )
}

const pageSize = 100

function LabelTable({ search }: { search: string }) {
  const { t } = useTranslation('label')
  const { day } = useFormats()
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(LabelSearchDocument, {
    variables: { search: search || null, first: pageSize, after: place.after ?? null },
  })
  const labels = (data ?? previousData)?.labels
  if (error && !labels) return <Problem error={error} retry={() => void refetch()} />
  if (!labels) return <ListSkeleton />
  if (labels.totalCount === 0) return <Empty title={search ? t('noneFound') : t('noLabels')} />
  return (
    <>
      <Table.ScrollContainer minWidth={480}>
        <Table verticalSpacing="xs" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('label')}</Table.Th>
              <Table.Th>{t('aliases')}</Table.Th>
              <Table.Th>{t('since')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {labels.edges.map(({ node: { id, name, aliases, color, createdAt } }) => (
              <Table.Tr key={id}>
                <Table.Td>
                  <Group gap="xs" wrap="nowrap">
                    <ColorSwatch color={color} size={14} withShadow={false} aria-hidden />
                    {name}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Group gap={4}>
                    {aliases.map((alias) => (
                      <Badge key={alias} variant="default" tt="none" fw={500}>
                        {alias}
                      </Badge>
                    ))}
                  </Group>
                </Table.Td>
                <Table.Td>
                  <Text size="sm" c="dimmed">
                    {day(createdAt)}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Pager place={place} size={pageSize} connection={labels} />
    </>
  )
}
