import { useMutation } from '@apollo/client/react'
import { ActionIcon, Anchor, Badge, Group, Menu, Table, Text } from '@mantine/core'
import { IconDots, IconLock } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { labelColour } from '../asset/label-colour.ts'
import { useFormats } from '../look/formats.ts'
import { Problem } from '../look/Problem.tsx'
import { mayAs } from '../project/may.ts'
import {
  DeleteVersionTagDocument,
  type DatasetPageQuery,
  type VersionRowFragment,
} from './dataset.generated.ts'
import { NoteDialog } from './NoteDialog.tsx'
import { TagDialog } from './TagDialog.tsx'

type Dataset = NonNullable<DatasetPageQuery['dataset']>

interface VersionTableProps {
  readonly dataset: Dataset
  readonly onTagsChanged: () => void
}

/** Every version of a dataset, newest first. */
export function VersionTable({ dataset, onTagsChanged }: VersionTableProps) {
  const { t } = useTranslation('dataset')
  const [tagged, setTagged] = useState<VersionRowFragment>()
  const [noted, setNoted] = useState<VersionRowFragment>()
  const [untag, untagging] = useMutation(DeleteVersionTagDocument, { onCompleted: onTagsChanged })
  const versions = dataset.versions.edges.map(({ node }) => node)
  return (
    <>
      <Problem error={untagging.error} />
      <Table.ScrollContainer minWidth={760}>
        <Table highlightOnHover verticalSpacing="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('version')}</Table.Th>
              <Table.Th>{t('operation')}</Table.Th>
              <Table.Th ta="right">{t('images')}</Table.Th>
              <Table.Th ta="right">{t('annotations')}</Table.Th>
              <Table.Th>{t('labels')}</Table.Th>
              <Table.Th>{t('made')}</Table.Th>
              <Table.Th>{t('tags')}</Table.Th>
              <Table.Th aria-label={t('actions')} />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {versions.map((version, index) => (
              <VersionRow
                key={version.id}
                version={version}
                before={versions[index + 1]}
                mayEdit={mayAs('EDITOR', dataset.project)}
                onTag={() => setTagged(version)}
                onNote={() => setNoted(version)}
                onUntag={(name) =>
                  void untag({ variables: { datasetId: dataset.id, name } }).catch(() => undefined)
                }
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {tagged && (
        <TagDialog
          datasetId={dataset.id}
          version={tagged}
          isOwner={mayAs('OWNER', dataset.project)}
          onClose={() => setTagged(undefined)}
          onDone={onTagsChanged}
        />
      )}
      {noted && <NoteDialog version={noted} onClose={() => setNoted(undefined)} />}
    </>
  )
}

interface VersionRowProps {
  readonly version: VersionRowFragment
  /** The version below in the table. */
  readonly before: VersionRowFragment | undefined
  readonly mayEdit: boolean
  readonly onTag: () => void
  readonly onNote: () => void
  readonly onUntag: (name: string) => void
}

function VersionRow({ version, before, mayEdit, onTag, onNote, onUntag }: VersionRowProps) {
  const { t } = useTranslation(['dataset', 'project'])
  const { number, ago, time } = useFormats()
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/versions/${version.id}`} fw={600}>
          {t('versionNumber', { number: version.number })}
        </Anchor>
        {version.note && (
          <Text size="xs" c="dimmed" lineClamp={2} maw={240}>
            {version.note}
          </Text>
        )}
      </Table.Td>
      <Table.Td>{t(`project:operation.${version.operation}`)}</Table.Td>
      <Table.Td ta="right" className="figures">
        {number(version.assetCount)}
      </Table.Td>
      <Table.Td ta="right" className="figures">
        {number(version.annotationCount)}
      </Table.Td>
      <Table.Td>
        <LabelShares labels={version.labels} />
      </Table.Td>
      <Table.Td>
        <Text size="sm" title={time(version.createdAt)}>
          {ago(version.createdAt)}
        </Text>
        {version.createdBy && (
          <Text size="xs" c="dimmed">
            {version.createdBy.name}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {version.tags.map(({ name, isProtected }) => (
            <Badge
              key={name}
              variant="light"
              tt="none"
              leftSection={isProtected && <IconLock size={11} aria-label={t('protected')} />}
            >
              {name}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('actionsOf', { number: version.number })}>
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item component={Link} to={`/versions/${version.id}`}>
              {t('look')}
            </Menu.Item>
            {before && (
              <Menu.Item component={Link} to={`/versions/${before.id}/diff/${version.id}`}>
                {t('whatChanged', { number: before.number })}
              </Menu.Item>
            )}
            {mayEdit && <Menu.Item onClick={onTag}>{t('tag')}</Menu.Item>}
            {mayEdit && <Menu.Item onClick={onNote}>{t('note')}</Menu.Item>}
            {mayEdit &&
              version.tags.map(({ name }) => (
                <Menu.Item key={name} onClick={() => onUntag(name)}>
                  {t('untag', { name })}
                </Menu.Item>
              ))}
          </Menu.Dropdown>
        </Menu>
      </Table.Td>
    </Table.Tr>
  )
}

/** One bar, a part for each label. */
function LabelShares({ labels }: { labels: VersionRowFragment['labels'] }) {
  const { number } = useFormats()
  const byCount = [...labels].sort((a, b) => b.annotationCount - a.annotationCount)
  if (byCount.length === 0) return null
  return (
    <div
      className="label-shares"
      title={byCount.map((one) => `${one.label} ${number(one.annotationCount)}`).join('\n')}
    >
      <div className="parts" aria-hidden>
        {byCount.map(({ label, annotationCount }) => (
          <div key={label} style={{ flexGrow: annotationCount, background: labelColour(label) }} />
        ))}
      </div>
      <Text size="xs" c="dimmed" lineClamp={1}>
        {byCount.map(({ label }) => label).join(', ')}
      </Text>
    </div>
  )
}
