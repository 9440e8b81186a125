import { useMutation, useQuery } from '@apollo/client/react'
import { Button, Divider, Kbd, Skeleton, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconHelp, IconMessage } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { Page } from '../look/Page.tsx'
import { useLive } from '../graph/live.ts'
import type { ReviewItemInput } from '../graph/schema.generated.ts'
import { Problem } from '../look/Problem.tsx'
import { CommentDialog } from './CommentDialog.tsx'
import { crumbsBelowTask } from './crumbs.ts'
import { prefetch } from './desk/prefetch.ts'
import { asInput } from './desk/use-desk.ts'
import { BoxList } from './drawing/BoxList.tsx'
import { ClassList } from './drawing/ClassList.tsx'
import { Drawing } from './drawing/Drawing.tsx'
import { drawingKeys } from './drawing/drawing-keys.ts'
import { useKeys } from './drawing/keys.ts'
import { KeysHelp } from './drawing/KeysHelp.tsx'
import { Selected } from './drawing/Selected.tsx'
import { answerOf, type Drawn } from './drawing/sheet.ts'
import { useSheet } from './drawing/use-sheet.ts'
import { ItemChecks } from './quality/ItemChecks.tsx'
import {
  ItemsToReviewDocument,
  ReviewLabelledItemDocument,
  type ItemsToReviewQuery,
} from './review.generated.ts'
import { LabellingTaskProgressDocument } from './tasks.generated.ts'

type Task = NonNullable<ItemsToReviewQuery['labellingTask']>
type Item = Task['items']['edges'][number]['node']

/** Where answers are looked at, one after the other: accepted, or sent back with a comment. */
export function ReviewPage() {
  const { t } = useTranslation('labelling')
  const { taskId = '' } = useParams()
  const { data, error, refetch } = useQuery(ItemsToReviewDocument, {
    variables: { taskId },
    fetchPolicy: 'network-only',
    nextFetchPolicy: 'cache-first',
  })
  const task = data?.labellingTask
  if (error && !task) return <Problem error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton h={480} />
  if (!task) return <Problem error={new Error(t('noTask'))} />
  return (
    <Page title={t('reviewTitle', { name: task.name })} crumbs={crumbsBelowTask(task, t('labelling'))}>
      <Queue task={task} refetch={() => void refetch()} />
    </Page>
  )
}

function Queue({ task, refetch }: { task: Task; refetch: () => void }) {
  const { t } = useTranslation('labelling')
  const [reviewed, setReviewed] = useState<ReadonlySet<string>>(new Set())
  const [review, { error }] = useMutation(ReviewLabelledItemDocument)
  const items = task.items.edges.map(({ node }) => node).filter((one) => !reviewed.has(answerKey(one)))
  const [item, next] = items
  const notFetched = task.items.totalCount - task.items.edges.length
  const refetchIfFew = () => {
    if (items.length <= 1) refetch()
  }
  // labellers go on meanwhile
  useLive(LabellingTaskProgressDocument, { taskId: task.id }, { onUpdate: refetchIfFew })
  useEffect(() => next && prefetch(next.imageUrl), [next])

  async function answer(one: Item, said: Omit<ReviewItemInput, 'itemId'>) {
    // the next is shown at once; a refusal brings this one back
    setReviewed((before) => new Set([...before, answerKey(one)]))
    // a skipped image needs no acceptance to be left out
    if (one.state === 'SKIPPED' && said.accept) return refetchIfFew()
    try {
      await review({ variables: { input: { itemId: one.id, ...said } } })
      refetchIfFew()
    } catch {
      // `error` tells it
      setReviewed((before) => new Set([...before].filter((key) => key !== answerKey(one))))
    }
  }

  if (!item)
    return (
      <Stack align="flex-start" py="xl">
        <Problem error={error} />
        <Text size="lg" fw={600}>
          {t('nothingToReview')}
        </Text>
        <Button component={Link} to={`/labelling/${task.id}`}>
          {t('toTask')}
        </Button>
      </Stack>
    )
  return (
    <>
      <Text size="sm" c="dimmed" className="figures" role="status">
        {t('leftToReview', { count: items.length + notFetched })}
      </Text>
      <Problem error={error} />
      <ItemInReview
        key={item.id}
        item={item}
        classes={task.classes}
        acceptWith={(drawn) => void answer(item, { accept: true, annotations: drawn && drawn.map(asInput) })}
        sendBack={(comment) => void answer(item, { accept: false, comment })}
      />
    </>
  )
}

/** An image that is answered anew is reviewed anew. */
function answerKey({ id, answeredAt }: Item): string {
  return `${id} ${answeredAt}`
}

function ItemInReview({
  item,
  classes,
  acceptWith,
  sendBack,
}: {
  item: Item
  classes: readonly string[]
  /** Null: the answer as it is. */
  acceptWith: (corrections: readonly Drawn[] | null) => void
  sendBack: (comment: string) => void
}) {
  const { t } = useTranslation('labelling')
  const { sheet, change, sight } = useSheet(item, item.annotations, [], classes)
  const isCorrected = sheet.boxes !== sheet.past[0]?.boxes && sheet.past.length > 0
  const accept = () => acceptWith(isCorrected ? answerOf(sheet) : null)
  const [isSendingBack, sending] = useDisclosure()
  const [isHelping, help] = useDisclosure()
  useKeys({
    ...drawingKeys(sheet, change, sight, classes, undefined),
    A: accept,
    Enter: accept,
    R: sending.open,
    '?': help.open,
    Escape: () => change({ do: 'select', id: undefined }),
  })
  return (
    <div className="bench">
      <Drawing
        imageUrl={item.imageUrl}
        sheet={sheet}
        change={change}
        sight={sight}
        kept={item.keptAnnotations}
      />
      <aside aria-label={t('answer')}>
        <Text size="sm">
          {item.answeredBy ? t('answeredBy', { name: item.answeredBy.name }) : t('answeredByPlatform')}
        </Text>
        <ItemChecks item={item} />
        {item.skipReason && <Text size="sm">{t('skippedBecause', { reason: item.skipReason })}</Text>}
        <ClassList classes={classes} sheet={sheet} change={change} />
        <Selected sheet={sheet} />
        <BoxList sheet={sheet} change={change} />
        <Divider />
        <Button
          onClick={accept}
          leftSection={<IconCheck size={16} aria-hidden />}
          rightSection={<Kbd size="xs">A</Kbd>}
        >
          {item.state === 'SKIPPED' ? t('leaveOut') : isCorrected ? t('acceptCorrected') : t('accept')}
        </Button>
        <Button
          variant="default"
          onClick={sending.open}
          leftSection={<IconMessage size={16} aria-hidden />}
          rightSection={<Kbd size="xs">R</Kbd>}
        >
          {t('sendBack')}
        </Button>
        <Button
          variant="subtle"
          size="xs"
          onClick={help.open}
          leftSection={<IconHelp size={14} aria-hidden />}
        >
          {t('keys')}
        </Button>
      </aside>
      {isSendingBack && <CommentDialog close={sending.close} send={sendBack} />}
      <KeysHelp
        opened={isHelping}
        close={help.close}
        own={[
          { keys: ['A'], does: t('accept') },
          { keys: ['R'], does: t('sendBack') },
        ]}
      />
    </div>
  )
}
