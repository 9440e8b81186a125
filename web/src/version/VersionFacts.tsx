import { Badge, Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import { Tags, VersionLink, type VersionShown } from './VersionPage.tsx'

const rootShown = 12

/** How a version was made, of what, by whom and why. */
export function VersionFacts({ version }: { version: VersionShown }) {
  const { t } = useTranslation(['version', 'project'])
  const { number, time, ago } = useFormats()
  const { operation, parents, tags, root, note, createdAt, createdBy, seed } = version
  return (
    <>
      <Group gap="xs">
        <Badge variant="light" color="gray" tt="none">
          {t(`project:operation.${operation}`)}
        </Badge>
        {parents.length > 0 && (
          <Group gap={6}>
            <span>{t('of')}</span>
            {parents.map((parent) => (
              <VersionLink key={parent.id} version={parent} />
            ))}
          </Group>
        )}
        <Tags tags={tags} />
        <span>
          {t('holds', {
            images: number(version.assetCount),
            annotations: number(version.annotationCount),
            negatives: number(version.negativeCount),
          })}
        </span>
        <span title={time(createdAt)}>
          {createdBy ? t('madeBy', { when: ago(createdAt), who: createdBy.name }) : ago(createdAt)}
        </span>
        {seed !== null && <span>{t('seedOf', { seed })}</span>}
        <span title={t('rootMeaning', { root })}>{t('rootOf', { root: root.slice(0, rootShown) })}</span>
      </Group>
      {note && <Text size="sm">{note}</Text>}
    </>
  )
}
