import { useQuery } from '@apollo/client/react'
import { Anchor, Badge, Button, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useFormats } from '../look/formats.ts'
import { Doors } from './Doors.tsx'
import { NewVendorDialog } from './NewVendorDialog.tsx'
import { ProjectVendorsDocument, type VendorInListFragment } from './vendor.generated.ts'

/** The parties outside that label for a project, for its owners. */
export function Vendors({ projectId }: { projectId: string }) {
  const { t } = useTranslation('vendor')
  const { data, error, refetch } = useQuery(ProjectVendorsDocument, { variables: { projectId } })
  const [isMaking, making] = useDisclosure()
  const vendors = data?.project?.vendors
  return (
    <Section
      title={t('vendors')}
      advice={t('vendorsAdvice')}
      actions={
        <Button variant="light" leftSection={<IconPlus size={16} aria-hidden />} onClick={making.open}>
          {t('newVendor')}
        </Button>
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      {!vendors && !error && <ListSkeleton rows={2} />}
      {vendors?.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('noVendors')}
        </Text>
      )}
      {vendors && vendors.length > 0 && <VendorTable vendors={vendors} />}
      {isMaking && <NewVendorDialog projectId={projectId} close={making.close} />}
    </Section>
  )
}

function VendorTable({ vendors }: { vendors: readonly VendorInListFragment[] }) {
  const { t } = useTranslation('vendor')
  const { number } = useFormats()
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table verticalSpacing="xs" className="figures">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('vendor')}</Table.Th>
            <Table.Th>{t('doors')}</Table.Th>
            <Table.Th ta="right">{t('openTasks')}</Table.Th>
            <Table.Th>{t('stuck')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {vendors.map((vendor) => (
            <Table.Tr key={vendor.id}>
              <Table.Td>
                <Anchor component={Link} to={`/vendors/${vendor.id}`} fw={600} size="sm">
                  {vendor.name}
                </Anchor>
              </Table.Td>
              <Table.Td>
                <Doors vendor={vendor} />
              </Table.Td>
              <Table.Td ta="right">{number(vendor.openTaskCount)}</Table.Td>
              <Table.Td>
                <Stuck count={vendor.stuckTaskCount} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

function Stuck({ count }: { count: number }) {
  const { t } = useTranslation('vendor')
  if (count === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('none')}
      </Text>
    )
  return (
    <Badge variant="light" color="orange" tt="none" fw={600}>
      {t('tasks', { count })}
    </Badge>
  )
}
