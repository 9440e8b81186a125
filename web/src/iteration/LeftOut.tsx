import { Button, Collapse, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { MinedImagesQuery } from './iteration.generated.ts'

type Duplicates = NonNullable<MinedImagesQuery['miningTask']>['duplicatesLeftOut']

/** How many images were left out because they repeat others, and the first of them. */
export function LeftOut({ totalCount, edges }: Pick<Duplicates, 'totalCount' | 'edges'>) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const [isOpen, { toggle }] = useDisclosure()
  if (totalCount === 0) return null
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Text size="sm" c="dimmed">
          {t('leftOut', { count: totalCount, images: number(totalCount) })}
        </Text>
        <Button variant="subtle" size="compact-sm" aria-expanded={isOpen} onClick={toggle}>
          {isOpen ? t('hideLeftOut') : t('showLeftOut')}
        </Button>
      </Group>
      <Collapse expanded={isOpen}>
        <ol className="mined">
          {edges.map(({ node: { assetId, likeness, thumbnailUrl } }) => (
            <li key={assetId}>
              <img
                className="mined-image left-out"
                src={thumbnailUrl}
                alt={t('leftOutImage')}
                loading="lazy"
              />
              <Text size="xs" c="dimmed">
                {t(`likeness.${likeness}`)}
              </Text>
            </li>
          ))}
        </ol>
      </Collapse>
    </Stack>
  )
}
