import { useMutation } from '@apollo/client/react'
import { Button, Group, Modal, PasswordInput, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { LabellingTool } from '../graph/schema.generated.ts'
import { tell } from '../look/notices.tsx'
import { Problem } from '../look/Problem.tsx'
import { refusalOf } from './refusal.ts'
import { ConnectVendorDocument, type ConnectedToolFragment } from './tool.generated.ts'
import { toolNames } from './tools.ts'

const tools = ['LABEL_STUDIO', 'CVAT'] as const satisfies LabellingTool[]
const fields = ['url', 'token', 'organization', 'platformUrl'] as const

interface ToolDialogProps {
  readonly vendor: { readonly id: string; readonly name: string }
  /** Left out: the vendor has no tool yet. */
  readonly connector?: ConnectedToolFragment | undefined
  readonly close: () => void
}

/** Connects a vendor to a labelling tool, or to the same with another token or at another place. */
export function ToolDialog({ vendor, connector, close }: ToolDialogProps) {
  const { t } = useTranslation('vendor')
  const { t: tApp } = useTranslation()
  const [tool, setTool] = useState<LabellingTool>(connector?.tool ?? 'LABEL_STUDIO')
  const [connect, { loading, error }] = useMutation(ConnectVendorDocument)
  const { at, other } = refusalOf(error, fields)
  // the service's own words, in English
  const said = Object.fromEntries(
    Object.entries(at).map(([field, problem]) => [
      field,
      <span key={field} lang="en">
        {problem}
      </span>,
    ]),
  )
  const form = useRef<HTMLFormElement>(null)
  // whoever is told of a wrong field stands in it
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [error])

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    const [url = '', token = '', organization, platformUrl] = fields.map((field) =>
      String(values.get(field) ?? '').trim(),
    )
    const optional = { organization: organization || null, platformUrl: platformUrl || null }
    await connect({ variables: { input: { vendorId: vendor.id, tool, url, token, ...optional } } })
    tell(t('toolConnected', { tool: toolNames[tool] }))
    close()
  }

  return (
    <Modal
      opened
      onClose={close}
      title={connector ? t('changeTool') : t('connectToolTo', { name: vendor.name })}
      size="lg"
      closeButtonProps={{ 'aria-label': tApp('close') }}
    >
      {/* the mutation's error is shown at its fields, or by Problem */}
      <form ref={form} onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Stack>
          {connector && <Text size="sm">{t('connectElsewhere')}</Text>}
          <Radio.Group
            label={t('toolKind')}
            value={tool}
            onChange={(value) => setTool(tools.find((one) => one === value) ?? tool)}
          >
            <Group mt={4}>
              {tools.map((one) => (
                <Radio key={one} value={one} label={toolNames[one]} />
              ))}
            </Group>
          </Radio.Group>
          <TextInput
            name="url"
            type="url"
            label={t('toolUrl')}
            description={t('toolUrlAdvice')}
            defaultValue={connector?.url}
            error={said.url}
            required
            maxLength={2_000}
            autoComplete="off"
            data-autofocus
          />
          <PasswordInput
            name="token"
            label={t('toolToken')}
            description={`${t(`toolTokenAdvice.${tool}`)} ${t('toolTokenKept')}`}
            error={said.token}
            aria-invalid={at.token !== undefined}
            visibilityToggleButtonProps={{ 'aria-label': t('showToken') }}
            required
            maxLength={2_000}
            autoComplete="new-password"
          />
          {tool === 'CVAT' && (
            <TextInput
              name="organization"
              label={t('toolOrganizationOptional')}
              description={t('toolOrganizationAdvice')}
              defaultValue={connector?.organization ?? ''}
              error={said.organization}
              maxLength={16}
              autoComplete="off"
            />
          )}
          <TextInput
            name="platformUrl"
            type="url"
            label={t('platformUrl')}
            description={t('platformUrlAdvice')}
            defaultValue={connector ? (connector.platformUrl ?? '') : location.origin}
            error={said.platformUrl}
            maxLength={2_000}
            autoComplete="off"
          />
          <Problem error={other} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {tApp('cancel')}
            </Button>
            <Button type="submit" loading={loading}>
              {connector ? tApp('save') : t('connect')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
