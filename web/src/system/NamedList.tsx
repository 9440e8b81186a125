import { ActionIcon, Table, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../look/Confirm.tsx'
import { useFormats } from '../look/formats.ts'

interface NamedListProps {
  readonly heading: string
  readonly entries: readonly { readonly name: string; readonly at: string }[]
  /** In the place of an empty list. */
  readonly none: string
  /** What follows when one is removed. */
  readonly consequence: string
  readonly onRemove: (name: string) => Promise<unknown>
}

/** Things known by their names only, which can be removed. */
export function NamedList({ heading, entries, none, consequence, onRemove }: NamedListProps) {
  const { t } = useTranslation('system')
  const { ago } = useFormats()
  const [leaving, setLeaving] = useState<string>()
  if (entries.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {none}
      </Text>
    )
  return (
    <>
      <Table verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{heading}</Table.Th>
            <Table.Th>{t('set')}</Table.Th>
            <Table.Th w={48} aria-label={t('remove')} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map(({ name, at }) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {ago(at)}
                </Text>
              </Table.Td>
              <Table.Td>
                <ActionIcon
                  variant="subtle"
                  color="red"
                  aria-label={t('removeNamed', { name })}
                  onClick={() => setLeaving(name)}
                >
                  <IconTrash size={18} aria-hidden />
                </ActionIcon>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {leaving !== undefined && (
        <Confirm
          question={t('removeQuestion', { name: leaving })}
          consequence={consequence}
          action={t('remove')}
          onConfirm={() => onRemove(leaving)}
          onClose={() => setLeaving(undefined)}
        />
      )}
    </>
  )
}
