import { Anchor, Breadcrumbs, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'

/** A step above this page. */
export interface Crumb {
  /** Left out while it is not known. */
  readonly label: string | undefined
  readonly to: string
}

interface PageProps {
  /** What the page is about, also the browser tab's title. Left out while it is not known. */
  readonly title: string | undefined
  /** The way from the home page to here, without either; left out: no way is shown. */
  readonly crumbs?: readonly Crumb[]
  /** Beside the title, e.g. a state. */
  readonly beside?: ReactNode
  /** Under the title, in small print. */
  readonly facts?: ReactNode
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** What every page has: the way to it, its title, what one can do, and the content. */
export function Page({ title, crumbs, beside, facts, actions, children }: PageProps) {
  const { t } = useTranslation()
  return (
    <Stack gap="md">
      <title>{title ? `${title} · ${t('name')}` : t('name')}</title>
      <Stack gap={4}>
        {crumbs && <Way crumbs={crumbs} />}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Group gap="sm" className="page-title">
            <Title order={1} size="h2" textWrap="balance">
              {title ?? <Skeleton component="span" display="block" w={220} h={32} aria-hidden />}
            </Title>
            {beside}
          </Group>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {facts && (
          <Text component="div" size="sm" c="dimmed" className="figures">
            {facts}
          </Text>
        )}
      </Stack>
      {children}
    </Stack>
  )
}

function Way({ crumbs }: { crumbs: readonly Crumb[] }) {
  const { t } = useTranslation()
  return (
    <nav aria-label={t('wayHere')}>
      <Breadcrumbs separatorMargin={6} className="way">
        <Anchor component={Link} to="/" size="sm" c="dimmed">
          {t('home')}
        </Anchor>
        {crumbs.map(({ label, to }) =>
          label === undefined ? (
            <Skeleton key={to} w={90} h={12} aria-hidden />
          ) : (
            <Anchor key={to} component={Link} to={to} size="sm" c="dimmed">
              {label}
            </Anchor>
          ),
        )}
      </Breadcrumbs>
    </nav>
  )
}
