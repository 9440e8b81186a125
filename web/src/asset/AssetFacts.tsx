import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useFormats } from '../look/formats.ts'
import type { AssetPageQuery } from './asset.generated.ts'

type Asset = NonNullable<NonNullable<AssetPageQuery['datasetVersion']>['asset']>

/** Size and format of an image, its tags and what its owners keep with it. */
export function AssetFacts({ asset }: { asset: Asset }) {
  const { t } = useTranslation('asset')
  const { number, bytes } = useFormats()
  const facts = [
    [t('size'), t('pixels', { width: number(asset.width), height: number(asset.height) })],
    [t('file'), t('fileOf', { format: asset.format.toUpperCase(), size: bytes(asset.size) })],
    [t('annotations'), number(asset.annotations.length)],
    ...asset.metadata.map(({ key, value }) => [key, value]),
  ]
  return (
    <Stack gap="xs" component="section" aria-label={t('facts')}>
      <Title order={2} size="h5">
        {t('facts')}
      </Title>
      <Table
        variant="vertical"
        layout="fixed"
        withRowBorders={false}
        verticalSpacing={2}
        horizontalSpacing={0}
      >
        <Table.Tbody>
          {facts.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Td>
                <Text size="sm" c="dimmed">
                  {name}
                </Text>
              </Table.Td>
              <Table.Td className="figures">
                <Text size="sm">{value}</Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {asset.tags.length > 0 && (
        <Group gap={4}>
          {asset.tags.map((tag) => (
            <Badge key={tag} variant="default" tt="none">
              {tag}
            </Badge>
          ))}
        </Group>
      )}
    </Stack>
  )
}
