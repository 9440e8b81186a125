import {
  ActionIcon,
  Alert,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  Skeleton,
  Stack,
  Title,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@apollo/client/react'
import {
  IconBriefcase,
  IconHome,
  IconLanguage,
  IconMoon,
  IconPhoto,
  IconPlugConnectedX,
  IconSettings,
  IconSun,
  IconTag,
  IconUser,
} from '@tabler/icons-react'
import { lazy, Suspense, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, NavLink as RouterLink, Outlet } from 'react-router'
import { useConnectionState } from '../graph/live.ts'
import { useLabelColours } from '../label/useLabelColours.ts'
import { Notices } from '../look/notices.tsx'
import { Problem } from '../look/Problem.tsx'
import { signOut } from '../session/session.ts'
import { ViewerDocument } from '../session/session.generated.ts'
import type { Viewer } from '../session/viewer.ts'
import { languages, speak, withWords, type Language } from '../words/words.ts'

const SignIn = lazy(
  withWords(['session'], async () => ({ default: (await import('../session/SignIn.tsx')).SignIn })),
)

/** What stands around every page: who is there, where one can go, whether the page still hears what happens. */
export function Frame() {
  const { data, error, refetch } = useQuery(ViewerDocument)
  if (error && !data) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <FirstSkeleton />
  const { viewer, setUpNeeded, signUpOpen } = data
  if (!viewer)
    return (
      <Suspense fallback={<FirstSkeleton />}>
        <Group component="header" pos="absolute" top={8} right={16} gap="xs">
          <LanguageMenu />
          <SchemeButton />
        </Group>
        <SignIn key={String(setUpNeeded)} setUpNeeded={setUpNeeded} signUpOpen={signUpOpen} />
      </Suspense>
    )
  return <Inside viewer={viewer} />
}

function Inside({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation()
  const [isOpen, { toggle, close }] = useDisclosure()
  useLabelColours()
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a className="skip-link" href="#content">
        {t('skipToContent')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={isOpen} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t('navigation')} />
            <Link to="/" className="brand">
              <img src="/icon.svg" alt="" width={26} height={26} />
              <Title order={2} size="h4" component="span">
                {t('name')}
              </Title>
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageMenu />
            <SchemeButton />
            <AccountMenu viewer={viewer} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('navigation')}>
        <Place to="/" icon={<IconHome size={18} aria-hidden />} label={t('home')} onClick={close} />
        <Place to="/jobs" icon={<IconBriefcase size={18} aria-hidden />} label={t('jobs')} onClick={close} />
        <Place
          to="/public-datasets"
          icon={<IconPhoto size={18} aria-hidden />}
          label={t('publicDatasets')}
          onClick={close}
        />
        <Place to="/labels" icon={<IconTag size={18} aria-hidden />} label={t('labels')} onClick={close} />
        {viewer.role === 'ADMINISTRATOR' && (
          <Place
            to="/system"
            icon={<IconSettings size={18} aria-hidden />}
            label={t('system')}
            onClick={close}
          />
        )}
      </AppShell.Navbar>
      <Notices />
      <AppShell.Main id="content">
        <LostConnection />
        <Suspense fallback={<FirstSkeleton />}>
          <Outlet context={viewer} />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  )
}

function Place({
  to,
  icon,
  label,
  onClick,
}: {
  to: string
  icon: ReactNode
  label: string
  onClick: () => void
}) {
  return (
    <RouterLink to={to} end={to === '/'} className="place" onClick={onClick}>
      {({ isActive }) => <NavLink component="span" active={isActive} label={label} leftSection={icon} />}
    </RouterLink>
  )
}

function LostConnection() {
  const { t } = useTranslation()
  if (useConnectionState() !== 'lost') return null
  return (
    <Alert role="status" color="orange" mb="md" icon={<IconPlugConnectedX aria-hidden />}>
      {t('connectionLost')}
    </Alert>
  )
}

function LanguageMenu() {
  const { t, i18n } = useTranslation()
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('language')}>
          <IconLanguage size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {Object.entries(languages).map(([language, name]) => (
          <Menu.Item
            key={language}
            lang={language}
            aria-current={i18n.language === language}
            onClick={() => void speak(language as Language)} // a key of `languages`
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function SchemeButton() {
  const { t } = useTranslation()
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={t('lightOrDark')}
      onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}
    >
      {scheme === 'dark' ? <IconSun size={20} aria-hidden /> : <IconMoon size={20} aria-hidden />}
    </ActionIcon>
  )
}

function AccountMenu({ viewer }: { viewer: Viewer }) {
  const { t } = useTranslation()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={t('account')}>
          <IconUser size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{viewer.name}</Menu.Label>
        <Menu.Label>{viewer.email}</Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account">
          {t('account')}
        </Menu.Item>
        <Menu.Item onClick={() => void signOut()}>{t('signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

export function FirstSkeleton() {
  const { t } = useTranslation()
  return (
    <Stack p="md" aria-busy aria-label={t('loading')}>
      <Skeleton h={32} w={240} />
      <Skeleton h={120} />
      <Skeleton h={240} />
    </Stack>
  )
}
