import { useMutation, useQuery } from '@apollo/client/react'
import { ActionIcon, Anchor, Badge, Button, List, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import type { VendorDeliveryState } from '../graph/schema.generated.ts'
import { useFormats } from '../look/formats.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { tell } from '../look/notices.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useNow } from '../look/use-now.ts'
import {
  ResendDeliveryDocument,
  VendorDeliveriesDocument,
  type DeliveryFragment,
} from './deliveries.generated.ts'
import { toldIn } from './told.ts'
import type { Vendor } from './VendorPage.tsx'

const pageSize = 20
/** No event tells of a try: while one is under way it is asked for. */
const askAgainMs = 3_000

const colours = {
  PENDING: 'yellow',
  DELIVERED: 'teal',
  FAILED: 'red',
} as const satisfies Record<VendorDeliveryState, string>

/** What a vendor was told, each with its tries, and how to tell it again. */
export function Deliveries({ vendor: { id, closedAt } }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const place = usePlace()
  const { data, previousData, error, refetch, startPolling, stopPolling } = useQuery(
    VendorDeliveriesDocument,
    { variables: { id, first: pageSize, after: place.after } },
  )
  const deliveries = (data ?? previousData)?.vendor?.deliveries
  const isUnderWay = deliveries?.edges.some(({ node: { state } }) => state === 'PENDING') === true
  useEffect(() => {
    if (!isUnderWay) return
    startPolling(askAgainMs)
    return stopPolling
  }, [isUnderWay, startPolling, stopPolling])
  return (
    <Section title={t('deliveries')} advice={t('deliveriesAdvice')}>
      <Problem error={error} retry={() => void refetch()} />
      {!deliveries && !error && <ListSkeleton rows={3} />}
      {deliveries?.totalCount === 0 && (
        <Text size="sm" c="dimmed">
          {t('noDeliveries')}
        </Text>
      )}
      {deliveries && deliveries.totalCount > 0 && (
        <Table.ScrollContainer minWidth={720}>
          <Table verticalSpacing="xs" className="figures">
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={48} aria-label={t('attempts')} />
                <Table.Th>{t('told')}</Table.Th>
                <Table.Th>{t('doorHeading')}</Table.Th>
                <Table.Th>{t('when')}</Table.Th>
                <Table.Th>{t('state')}</Table.Th>
                <Table.Th w={120} aria-label={t('sendAgain')} />
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {deliveries.edges.map(({ node }) => (
                <DeliveryRows key={node.id} delivery={node} maySend={!closedAt} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Pager place={place} size={pageSize} connection={deliveries} />
    </Section>
  )
}

function DeliveryRows({ delivery, maySend }: { delivery: DeliveryFragment; maySend: boolean }) {
  const { t } = useTranslation('vendor')
  const { time } = useFormats()
  const [isOpen, { toggle }] = useDisclosure()
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  return (
    <>
      <Table.Tr data-delivery={delivery.state}>
        <Table.Td>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={toggle}
            aria-expanded={isOpen}
            aria-label={t('attempts')}
          >
            <Chevron size={16} aria-hidden />
          </ActionIcon>
        </Table.Td>
        <Table.Td>
          <Told delivery={delivery} />
        </Table.Td>
        <Table.Td>
          <Text size="sm">{t(`door.${delivery.door}`)}</Text>
        </Table.Td>
        <Table.Td>
          <Text size="sm">{time(delivery.createdAt)}</Text>
        </Table.Td>
        <Table.Td>
          <State delivery={delivery} />
        </Table.Td>
        <Table.Td>{maySend && <SendAgain id={delivery.id} />}</Table.Td>
      </Table.Tr>
      {isOpen && (
        <Table.Tr>
          <Table.Td />
          <Table.Td colSpan={5}>
            <Attempts delivery={delivery} />
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}

function Told({ delivery: { type, data } }: { delivery: DeliveryFragment }) {
  const { t } = useTranslation('vendor')
  const told = toldIn(data)
  if (!told) return <Text size="sm">{type}</Text>
  return (
    <>
      <Anchor component={Link} to={`/labelling/${told.taskId}`} size="sm" fw={600}>
        {told.name}
      </Anchor>
      <Text size="xs" c="dimmed">
        {t(`taskState.${told.state}`, { count: told.todoCount })}
      </Text>
    </>
  )
}

function State({ delivery: { state, attemptCount, nextAttemptAt } }: { delivery: DeliveryFragment }) {
  const { t } = useTranslation('vendor')
  const isToBeTriedAgain = nextAttemptAt !== null && attemptCount > 0
  return (
    <Stack gap={2} align="flex-start">
      <Badge variant="light" color={colours[state]} tt="none" fw={600}>
        {t(`deliveryState.${state}`)}
      </Badge>
      {isToBeTriedAgain && <NextAttempt at={nextAttemptAt} />}
    </Stack>
  )
}

function NextAttempt({ at }: { at: string }) {
  const { t } = useTranslation('vendor')
  const { ago } = useFormats()
  useNow(true)
  return (
    <Text size="xs" c="dimmed">
      {t('nextAttempt', { when: ago(at) })}
    </Text>
  )
}

function SendAgain({ id }: { id: string }) {
  const { t } = useTranslation('vendor')
  const [resend, { loading, error }] = useMutation(ResendDeliveryDocument)

  async function again() {
    await resend({ variables: { input: { deliveryId: id } } })
    tell(t('sentAgain'))
  }

  return (
    <>
      {/* the mutation's error is shown by Problem */}
      <Button
        size="xs"
        variant="default"
        loading={loading}
        onClick={() => void again().catch(() => undefined)}
      >
        {t('sendAgain')}
      </Button>
      <Problem error={error} />
    </>
  )
}

function Attempts({ delivery: { attempts } }: { delivery: DeliveryFragment }) {
  const { t } = useTranslation('vendor')
  const { time, number } = useFormats()
  if (attempts.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('noAttempts')}
      </Text>
    )
  return (
    <List size="sm" spacing={4} type="ordered">
      {attempts.map(({ attemptedAt, status, problem, milliseconds }) => (
        <List.Item key={attemptedAt}>
          {`${time(attemptedAt)} · ${t('took', { milliseconds: number(milliseconds) })}`}
          {problem === null && status !== null && ` · ${t('answeredWith', { status })}`}
          {/* the service's own words, in English */}
          {problem !== null && <span lang="en">{` · ${problem}`}</span>}
        </List.Item>
      ))}
    </List>
  )
}
