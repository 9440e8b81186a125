import './vendor.css'
import { useMutation, useQuery } from '@apollo/client/react'
import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle, IconPlugConnected } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Confirm } from '../look/Confirm.tsx'
import { Facts } from '../look/Facts.tsx'
import { useFormats } from '../look/formats.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { tell } from '../look/notices.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { useNow } from '../look/use-now.ts'
import { RefusedAnswers } from './RefusedAnswers.tsx'
import { DisconnectVendorDocument, VendorToolDocument, type ConnectedToolFragment } from './tool.generated.ts'
import { ToolDialog } from './ToolDialog.tsx'
import { toolNames } from './tools.ts'
import type { Vendor } from './VendorPage.tsx'

/** No event tells of a look into the tool: while there is one it is asked for. */
const askAgainMs = 5_000

/** The labelling tool in which a vendor works, and what comes of it. */
export function Tool({ vendor }: { vendor: Vendor }) {
  const { t } = useTranslation('vendor')
  const { data, error, refetch } = useQuery(VendorToolDocument, {
    variables: { id: vendor.id },
    pollInterval: vendor.connector ? askAgainMs : 0,
    skipPollAttempt: () => document.hidden,
  })
  const [isConnecting, connecting] = useDisclosure()
  const [isDisconnecting, disconnecting] = useDisclosure()
  const connector = data?.vendor?.connector
  return (
    <Section
      title={t('tool')}
      advice={connector ? undefined : t('toolAdvice')}
      actions={
        connector && (
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={connecting.open}>
              {t('changeTool')}
            </Button>
            <Button size="xs" variant="light" color="red" onClick={disconnecting.open}>
              {t('disconnectTool')}
            </Button>
          </Group>
        )
      }
    >
      <Problem error={error} retry={() => void refetch()} />
      {!data && !error && <ListSkeleton rows={1} />}
      {connector === null && (
        <Group>
          <Button
            variant="light"
            leftSection={<IconPlugConnected size={16} aria-hidden />}
            onClick={connecting.open}
          >
            {t('connectTool')}
          </Button>
        </Group>
      )}
      {connector && <Connected connector={connector} />}
      {isConnecting && (
        <ToolDialog vendor={vendor} connector={connector ?? undefined} close={connecting.close} />
      )}
      {isDisconnecting && connector && (
        <Disconnect vendor={vendor} tool={toolNames[connector.tool]} close={disconnecting.close} />
      )}
    </Section>
  )
}

function Connected({ connector }: { connector: ConnectedToolFragment }) {
  const { t } = useTranslation('vendor')
  const { tool, url, organization, platformUrl, lastLookAt, problem, refused } = connector
  return (
    <Stack gap="md">
      {problem !== null && (
        <Alert
          role="alert"
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={t('toolProblem', { tool: toolNames[tool] })}
        >
          <Stack gap={4}>
            {/* the service's own words, in English */}
            <Text size="sm" lang="en" className="breaks">
              {problem}
            </Text>
            <Text size="sm">{t('toolTriedAgain')}</Text>
          </Stack>
        </Alert>
      )}
      <Facts
        facts={[
          { name: t('toolKind'), value: toolNames[tool] },
          { name: t('toolUrl'), value: <Outside url={url} /> },
          { name: t('toolOrganization'), value: organization },
          { name: t('toolCalls'), value: platformUrl ?? t('toolIsAsked') },
          { name: t('lastLook'), value: lastLookAt === null ? t('noLook') : <Ago at={lastLookAt} /> },
        ]}
      />
      {refused.length > 0 && <RefusedAnswers tool={tool} refused={refused} />}
    </Stack>
  )
}

/** Leads out of the platform, and does not say whence. */
function Outside({ url }: { url: string }) {
  return (
    <Anchor href={url} target="_blank" rel="noreferrer" inherit>
      {url}
    </Anchor>
  )
}

/** How long ago something was; stays true while it is looked at. */
function Ago({ at }: { at: string }) {
  const { ago, time } = useFormats()
  useNow(true)
  return (
    <time dateTime={at} title={time(at)}>
      {ago(at)}
    </time>
  )
}

interface DisconnectProps {
  readonly vendor: Vendor
  /** Its name. */
  readonly tool: string
  readonly close: () => void
}

function Disconnect({ vendor: { id, openTaskCount }, tool, close }: DisconnectProps) {
  const { t } = useTranslation('vendor')
  const [disconnect] = useMutation(DisconnectVendorDocument)
  const stays = t('disconnectConsequence', { tool })

  async function confirmed() {
    await disconnect({ variables: { input: { vendorId: id } } })
    tell(t('toolDisconnected', { tool }))
  }

  return (
    <Confirm
      question={t('disconnectQuestion', { tool })}
      consequence={
        openTaskCount > 0 ? `${stays} ${t('disconnectWithTasks', { count: openTaskCount })}` : stays
      }
      action={t('disconnectTool')}
      onConfirm={confirmed}
      onClose={close}
    />
  )
}
