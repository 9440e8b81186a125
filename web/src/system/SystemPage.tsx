import { useTranslation } from 'react-i18next'
import { Outlet } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { Page } from '../look/Page.tsx'
import { Tabs } from '../look/Tabs.tsx'
import { useViewer } from '../session/viewer.ts'

const places = ['users', 'executor-images', 'registries', 'slots', 'storage', 'health'] as const

/** What administrators look after. */
export function SystemPage() {
  const { t } = useTranslation('system')
  const viewer = useViewer()
  if (viewer.role !== 'ADMINISTRATOR') return <NotFound />
  return (
    <Page title={t('system')} crumbs={[]}>
      <Tabs label={t('tabs')} tabs={places.map((to) => ({ to, label: t(`tab.${to}`) }))} />
      <Outlet context={viewer} />
    </Page>
  )
}
