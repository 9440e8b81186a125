import { Anchor, Badge, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconPhoto } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useFormats } from '../look/formats.ts'
import { Sparkline } from '../look/Sparkline.tsx'
import {
  HomeProjectFiguresDocument,
  type HomeProjectFiguresQueryVariables,
  type HomeProjectsQuery,
  type ProjectFiguresFragment,
} from './home.generated.ts'

type Project = HomeProjectsQuery['projects']['edges'][number]['node']

interface ProjectCardsProps {
  readonly projects: readonly Project[]
  /** The page of projects that these are. */
  readonly variables: HomeProjectFiguresQueryVariables
}

/** Names at once; pictures and figures, which take longer, when they are there. */
export function ProjectCards({ projects, variables }: ProjectCardsProps) {
  const { data, error } = useQuery(HomeProjectFiguresDocument, { variables })
  const figures = new Map(data?.projects.edges.map(({ node }) => [node.id, node]))
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 4 }} component="ul" className="plain-list">
      {projects.map((project) => (
        <ProjectCard
          key={project.id}
          project={project}
          figures={figures.get(project.id)}
          isWaiting={!error && !data}
        />
      ))}
    </SimpleGrid>
  )
}

interface ProjectCardProps {
  readonly project: Project
  readonly figures: ProjectFiguresFragment | undefined
  readonly isWaiting: boolean
}

const shownClasses = 5

function ProjectCard({ project, figures, isWaiting }: ProjectCardProps) {
  const { t } = useTranslation('home')
  const { number } = useFormats()
  const rest = project.classes.length - shownClasses
  return (
    <Card component="li" withBorder padding="md" className="card">
      <Card.Section>
        <Thumbnails paths={figures?.thumbnailUrls} isWaiting={isWaiting} />
      </Card.Section>
      <Stack gap="xs" mt="sm" h="100%">
        <Title order={2} size="h5" lineClamp={2}>
          <Anchor component={Link} to={`/projects/${project.id}`} inherit c="inherit" className="card-link">
            {project.name}
          </Anchor>
        </Title>
        <Group gap={4}>
          {project.classes.slice(0, shownClasses).map((name) => (
            <Badge key={name} variant="default" size="sm" tt="none" fw={500}>
              {name}
            </Badge>
          ))}
          {rest > 0 && (
            <Text size="xs" c="dimmed" title={project.classes.slice(shownClasses).join(', ')}>
              {t('moreClasses', { number: number(rest) })}
            </Text>
          )}
        </Group>
        <Group justify="space-between" align="flex-end" mt="auto" gap="xs" wrap="nowrap">
          {figures ? <Sizes figures={figures} /> : isWaiting && <Skeleton h={14} w={120} />}
          {figures && <BestMap figures={figures} />}
        </Group>
      </Stack>
    </Card>
  )
}

function Thumbnails({ paths, isWaiting }: { paths: readonly string[] | undefined; isWaiting: boolean }) {
  const { t } = useTranslation('home')
  if (isWaiting) return <Skeleton h={96} radius={0} />
  if (!paths || paths.length === 0)
    return (
      <div className="thumbnails thumbnails-none">
        <IconPhoto size={28} aria-hidden />
        <Text size="xs">{t('noImages')}</Text>
      </div>
    )
  return (
    <div className="thumbnails" aria-hidden>
      {paths.map((path) => (
        <img key={path} src={path} alt="" loading="lazy" decoding="async" />
      ))}
    </div>
  )
}

function Sizes({ figures }: { figures: ProjectFiguresFragment }) {
  const { t } = useTranslation('home')
  const { number } = useFormats()
  return (
    <Text size="xs" c="dimmed" className="figures">
      {t('images', { count: figures.assetCount, number: number(figures.assetCount) })}
      <br />
      {t('versions', { count: figures.versionCount, number: number(figures.versionCount) })}
    </Text>
  )
}

function BestMap({ figures: { bestModel, mapTrend } }: { figures: ProjectFiguresFragment }) {
  const { t } = useTranslation('home')
  const { percent } = useFormats()
  if (bestModel?.map50 == null) return null
  const values = mapTrend.map(({ map50 }) => map50)
  return (
    <Group gap={8} wrap="nowrap" align="flex-end">
      <Sparkline
        values={values}
        width={72}
        label={t('trend', { from: percent(values[0] ?? 0), to: percent(values.at(-1) ?? 0) })}
      />
      <div>
        <Text size="xs" c="dimmed" lh={1.2}>
          {t('bestMap')}
        </Text>
        <Text fw={650} lh={1.2} className="figures" title={bestModel.name}>
          {percent(bestModel.map50)}
        </Text>
      </div>
    </Group>
  )
}
