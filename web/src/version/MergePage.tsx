import { useMutation, useQuery } from '@apollo/client/react'
import {
  Alert,
  Badge,
  Button,
  Group,
  Paper,
  SegmentedControl,
  SimpleGrid,
  Skeleton,
  Stack,
  Text,
} from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { NotFound } from '../app/NotFound.tsx'
import { AssetImage, type ShownAnnotation } from '../asset/AssetImage.tsx'
import type { MergeTake } from '../graph/schema.generated.ts'
import { Page } from '../look/Page.tsx'
import { Pager, usePlace } from '../look/Pager.tsx'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import {
  AbandonMergeDocument,
  ConflictAssetDocument,
  FinishMergeDocument,
  MergePageDocument,
  ResolveMergeConflictsDocument,
  type ConflictPartsFragment,
} from './merge.generated.ts'
import { VersionLink } from './VersionPage.tsx'

const pageSize = 20
const takes: readonly MergeTake[] = ['OURS', 'THEIRS', 'BOTH', 'BASE', 'NONE']

/** A three-way merge: each conflict with both sides, settled one by one or all for one side. */
export function MergePage() {
  const { t } = useTranslation('version')
  const { number } = useFormats()
  const { mergeId = '' } = useParams()
  const navigate = useNavigate()
  const place = usePlace()
  const { data, previousData, error, refetch } = useQuery(MergePageDocument, {
    variables: { id: mergeId, first: pageSize, after: place.after },
  })
  const again = { onCompleted: () => void refetch() }
  const [resolve, resolving] = useMutation(ResolveMergeConflictsDocument, again)
  const [abandon, abandoning] = useMutation(AbandonMergeDocument, again)
  const [finish, finishing] = useMutation(FinishMergeDocument, {
    onCompleted: ({ finishMerge: { merge } }) => {
      if (merge.version) void navigate(`/versions/${merge.version.id}`)
    },
  })
  const merge = (data ?? previousData)?.merge
  if (data && !data.merge) return <NotFound />
  const settle = (conflicts: readonly ConflictPartsFragment[], take: MergeTake) =>
    void resolve({
      variables: { input: { mergeId, resolutions: conflicts.map(({ id }) => ({ conflictId: id, take })) } },
    }).catch(() => undefined) // `resolving.error` tells
  const shown = merge?.conflicts.edges.map(({ node }) => node) ?? []
  const isOpen = merge?.state === 'OPEN'
  return (
    <Page
      title={merge ? t('mergeTitle') : undefined}
      crumbs={[{ label: merge?.ours?.project.name, to: `/projects/${merge?.ours?.project.id}` }]}
      beside={
        merge && (
          <Badge variant="light" tt="none">
            {t(`mergeState.${merge.state}`)}
          </Badge>
        )
      }
      facts={
        merge && (
          <Group gap="xs">
            {merge.ours && <VersionLink version={merge.ours} />}
            <span aria-hidden>+</span>
            {merge.theirs && <VersionLink version={merge.theirs} />}
            {merge.base && <span>{t('mergeBase')}</span>}
            {merge.base && <VersionLink version={merge.base} />}
          </Group>
        )
      }
      actions={
        isOpen && (
          <>
            <Button
              variant="default"
              loading={abandoning.loading}
              onClick={() => void abandon({ variables: { mergeId } }).catch(() => undefined)}
            >
              {t('abandon')}
            </Button>
            <Button
              disabled={merge.openConflictCount > 0}
              loading={finishing.loading}
              onClick={() => void finish({ variables: { mergeId } }).catch(() => undefined)}
            >
              {t('finishMerge')}
            </Button>
          </>
        )
      }
    >
      {[error, resolving.error, abandoning.error, finishing.error].map((one, index) => (
        <Problem key={index} error={one} />
      ))}
      {!merge && !error && <Skeleton h={240} />}
      {merge && isOpen && (
        <Alert color={merge.openConflictCount > 0 ? 'orange' : 'teal'}>
          {t('openConflicts', { count: merge.openConflictCount, number: number(merge.openConflictCount) })}
        </Alert>
      )}
      {merge?.version && <VersionLink version={merge.version} />}
      {isOpen && shown.length > 0 && (
        <Group gap="xs">
          <Text size="sm">{t('allOnPage')}</Text>
          {takes.slice(0, 2).map((take) => (
            <Button key={take} size="compact-sm" variant="light" onClick={() => settle(shown, take)}>
              {t(`take.${take}`)}
            </Button>
          ))}
        </Group>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {shown.map((conflict) => (
          <ConflictCard
            key={conflict.id}
            conflict={conflict}
            sides={{ ours: merge?.ours?.id, theirs: merge?.theirs?.id }}
            onTake={isOpen ? (take) => settle([conflict], take) : undefined}
          />
        ))}
      </SimpleGrid>
      <Pager place={place} size={pageSize} connection={merge?.conflicts} />
    </Page>
  )
}

interface ConflictCardProps {
  readonly conflict: ConflictPartsFragment
  readonly sides: { readonly ours: string | undefined; readonly theirs: string | undefined }
  readonly onTake: ((take: MergeTake) => void) | undefined
}

function ConflictCard({ conflict, sides, onTake }: ConflictCardProps) {
  const { t } = useTranslation('version')
  return (
    <Paper withBorder p="xs">
      <Stack gap={6}>
        <Group justify="space-between">
          <Text size="sm" fw={500}>
            {t(`conflict.${conflict.kind}`, { key: conflict.metadataKey ?? '' })}
          </Text>
          {conflict.isResolved && (
            <Badge color="teal" variant="light" tt="none">
              {t('settled')}
            </Badge>
          )}
        </Group>
        <div className="both-sides">
          <ConflictSide
            name={t('take.OURS')}
            side={conflict.ours}
            assetId={conflict.assetId}
            versionId={sides.ours}
          />
          <ConflictSide
            name={t('take.THEIRS')}
            side={conflict.theirs}
            assetId={conflict.assetId}
            versionId={sides.theirs}
          />
        </div>
        <SegmentedControl
          size="xs"
          fullWidth
          disabled={!onTake}
          aria-label={t('whoseCounts')}
          value={conflict.take ?? ''}
          data={takes.map((take) => ({ value: take, label: t(`take.${take}`) }))}
          onChange={(value) => {
            const take = takes.find((one) => one === value)
            if (take) onTake?.(take)
          }}
        />
      </Stack>
    </Paper>
  )
}

interface ConflictSideProps {
  readonly name: string
  readonly side: ConflictPartsFragment['ours']
  readonly assetId: string
  readonly versionId: string | undefined
}

function ConflictSide({ name, side, assetId, versionId }: ConflictSideProps) {
  const { t } = useTranslation('version')
  if (!side)
    return (
      <div className="side absent">
        <Text size="xs" c="dimmed">
          {t('removedThere')}
        </Text>
      </div>
    )
  return (
    <Stack gap={2}>
      <div className="side">
        {versionId && (
          <SideImage name={name} annotations={side.annotations} versionId={versionId} assetId={assetId} />
        )}
      </div>
      <Text size="xs" c="dimmed">
        {side.value ?? side.annotations.map(({ label }) => label).join(', ')}
      </Text>
    </Stack>
  )
}

interface SideImageProps {
  readonly name: string
  readonly annotations: readonly ShownAnnotation[]
  readonly versionId: string
  readonly assetId: string
}

/** A conflict does not tell how large its image is: the version does. */
function SideImage({ name, annotations, versionId, assetId }: SideImageProps) {
  const { data } = useQuery(ConflictAssetDocument, { variables: { versionId, assetId } })
  const asset = data?.datasetVersion?.asset
  if (!asset) return null
  return (
    <AssetImage
      src={asset.thumbnailUrl}
      width={asset.width}
      height={asset.height}
      annotations={annotations}
      alt={name}
    />
  )
}
