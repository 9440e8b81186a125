import { useMutation, useQuery } from '@apollo/client/react'
import { Alert, Badge, Button, Group, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { useProjectNews } from '../graph/live.ts'
import { Confirm } from '../look/Confirm.tsx'
import { useFormats } from '../look/formats.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Page } from '../look/Page.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { mayAs } from '../project/may.ts'
import { useViewer } from '../session/viewer.ts'
import { Access } from './Access.tsx'
import { Deliveries } from './Deliveries.tsx'
import { Tool } from './Tool.tsx'
import { CloseVendorDocument, VendorDocument, type VendorQuery } from './vendor.generated.ts'

export type Vendor = NonNullable<VendorQuery['vendor']>

/** A party outside that labels: how it comes in, what it was told, and its end. */
export function VendorPage() {
  const { t } = useTranslation('vendor')
  const { t: ofProject } = useTranslation('project')
  const { vendorId = '' } = useParams()
  const viewer = useViewer()
  const { data, error, refetch } = useQuery(VendorDocument, { variables: { id: vendorId } })
  const vendor = data?.vendor
  useProjectNews(vendor?.project.id)
  if (data && !vendor) return <NotFound />
  const mayManage = viewer.role === 'ADMINISTRATOR' || mayAs('OWNER', vendor?.project)
  const project = vendor ? `/projects/${vendor.project.id}` : ''
  return (
    <Page
      title={vendor?.name}
      crumbs={[
        { label: vendor?.project.name, to: project },
        { label: vendor ? ofProject('settings') : undefined, to: `${project}/settings` },
      ]}
      beside={
        vendor?.closedAt && (
          <Badge color="gray" tt="none">
            {t('closed')}
          </Badge>
        )
      }
      facts={vendor && <Facts vendor={vendor} />}
    >
      <Problem error={error} retry={() => void refetch()} />
      {!vendor && !error && <ListSkeleton />}
      {vendor && !mayManage && <Alert>{t('ownersManage')}</Alert>}
      {vendor && mayManage && (
        <Stack gap="xl" maw={900}>
          {!vendor.closedAt && <Access vendor={vendor} />}
          {!vendor.closedAt && <Tool vendor={vendor} />}
          <Deliveries vendor={vendor} />
          {!vendor.closedAt && <Close vendor={vendor} />}
        </Stack>
      )}
    </Page>
  )
}

function Facts({ vendor: { createdAt, closedAt, openTaskCount, stuckTaskCount } }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const { day } = useFormats()
  const facts = [
    closedAt ? t('closedOn', { day: day(closedAt) }) : t('since', { day: day(createdAt) }),
    t('openTaskCount', { count: openTaskCount }),
    ...(stuckTaskCount > 0 ? [t('stuckTaskCount', { count: stuckTaskCount })] : []),
  ]
  return facts.join(' · ')
}

function Close({ vendor: { id, name, openTaskCount } }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const [isAsking, asking] = useDisclosure()
  const [closeVendor] = useMutation(CloseVendorDocument)
  return (
    <Section title={t('close')} advice={t('closeConsequence')}>
      <Group>
        <Button variant="light" color="red" onClick={asking.open}>
          {t('closeVendor')}
        </Button>
      </Group>
      {isAsking && (
        <Confirm
          question={t('closeQuestion', { name })}
          consequence={
            openTaskCount > 0
              ? `${t('closeConsequence')} ${t('closeWithTasks', { count: openTaskCount })}`
              : t('closeConsequence')
          }
          action={t('closeVendor')}
          onConfirm={() =>
            closeVendor({ variables: { input: { vendorId: id } }, refetchQueries: ['VendorDeliveries'] })
          }
          onClose={asking.close}
        />
      )}
    </Section>
  )
}
