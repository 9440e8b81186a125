import { Alert, Anchor, Group, Paper, Progress, ScrollArea, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@apollo/client/react'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { labelColour } from '../asset/label-colour.ts'
import { ListSkeleton } from '../look/ListSkeleton.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import type { SetNameFragment } from '../model/model.generated.ts'
import { imbalanceOf, labelShares } from './balance.ts'
import { SetToTrainWithDocument, type SetToTrainWithQuery } from './train.generated.ts'

interface SetFieldProps {
  readonly label: string
  readonly advice?: string
  readonly versions: readonly SetNameFragment[]
  readonly value: string | null
  readonly onChange: (versionId: string | null) => void
  readonly classes: readonly string[]
}

/** Chooses a set, and shows what of each class is in it: to look before one trains. */
export function SetField({ label, advice, versions, value, onChange, classes }: SetFieldProps) {
  const { t } = useTranslation('train')
  const { data, error, refetch } = useQuery(SetToTrainWithDocument, {
    variables: { id: value ?? '' },
    skip: value === null,
  })
  const chosen = data?.datasetVersion
  // one that was given may be older than those of the list
  const offered = chosen && !versions.some(({ id }) => id === chosen.id) ? [chosen, ...versions] : versions
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Select
          label={label}
          description={advice}
          required
          searchable
          allowDeselect={false}
          value={value}
          onChange={onChange}
          placeholder={t('chooseSet')}
          data={offered.map(({ id, number, assetCount, dataset }) => ({
            value: id,
            label: t('versionName', { name: dataset.name, number, count: assetCount }),
          }))}
        />
        {error && <Problem error={error} retry={() => void refetch()} />}
        {value && !chosen && !error && <ListSkeleton rows={4} height={16} />}
        {chosen && <Content version={chosen} classes={classes} />}
      </Stack>
    </Paper>
  )
}

function Content({
  version,
  classes,
}: {
  version: NonNullable<SetToTrainWithQuery['datasetVersion']>
  classes: readonly string[]
}) {
  const { t } = useTranslation('train')
  const { number, percent } = useFormats()
  const shares = labelShares(classes, version.labels)
  const imbalance = imbalanceOf(shares)
  const largest = shares[0]?.count || 1
  return (
    <>
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed" className="figures">
          {t('setFacts', {
            annotations: number(version.annotationCount),
            negatives: number(version.negativeCount),
          })}
        </Text>
        <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
          {t('look')}
        </Anchor>
      </Group>
      {version.annotationCount === 0 && <Alert color="red">{t('noAnnotations')}</Alert>}
      {imbalance && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} data-warning="imbalance">
          {Number.isFinite(imbalance.ratio)
            ? t('unbalanced', { ...imbalance, ratio: number(Math.round(imbalance.ratio)) })
            : t('classMissing', { label: imbalance.least })}
        </Alert>
      )}
      <ScrollArea.Autosize mah={260} type="auto" viewportProps={{ tabIndex: 0 }}>
        <Stack gap={4} pr="sm">
          {shares.map(({ label, count, share }) => (
            <Group key={label} gap="xs" wrap="nowrap" className="figures">
              <Text size="xs" w={110} truncate title={label}>
                {label}
              </Text>
              <Progress
                flex={1}
                value={(count / largest) * 100}
                color={labelColour(label)}
                aria-label={t('shareOf', { label })}
              />
              <Text size="xs" c="dimmed" w={92} ta="right">
                {`${number(count)} · ${percent(share)}`}
              </Text>
            </Group>
          ))}
        </Stack>
      </ScrollArea.Autosize>
    </>
  )
}
