import { useMutation, useQuery } from '@apollo/client/react'
import { Button, Divider, Group, Kbd, Modal, Skeleton, Stack, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconHelp, IconMessage } from '@tabler/icons-react'
import { useMemo, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useParams } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { coloursOf } from './class-colour.ts'
import { ClassList } from './drawing/ClassList.tsx'
import { Drawing } from './drawing/Drawing.tsx'
import { useKeys } from './drawing/keys.ts'
import { KeysHelp } from './drawing/KeysHelp.tsx'
import { Selected } from './drawing/Selected.tsx'
import type { Change } from './drawing/sheet.ts'
import { useSheet } from './drawing/use-sheet.ts'
import {
  ItemsToReviewDocument,
  ReviewLabelledItemDocument,
  type ItemsToReviewQuery,
} from './review.generated.ts'
import { TaskHead } from './TaskHead.tsx'

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
    <Stack gap="sm">
      <TaskHead task={task} title={t('reviewTitle', { name: task.name })} here={t('reviewAnswers')} />
      <Queue task={task} refetch={() => void refetch()} />
    </Stack>
  )
}

function Queue({ task, refetch }: { task: Task; refetch: () => void }) {
  const { t } = useTranslation('labelling')
  const [reviewed, setReviewed] = useState<ReadonlySet<string>>(new Set())
  const [review, { error }] = useMutation(ReviewLabelledItemDocument)
  const items = task.items.edges.map(({ node }) => node).filter(({ id }) => !reviewed.has(id))
  const [item, next] = items
  const left = task.items.totalCount - reviewed.size

  async function answer(one: Item, accept: boolean, comment: string | null) {
    // the next is shown at once; a refusal brings this one back
    setReviewed((before) => new Set([...before, one.id]))
    try {
      await review({ variables: { input: { itemId: one.id, accept, comment } } })
      if (items.length <= 1) {
        setReviewed(new Set())
        refetch()
      }
    } catch {
      // `error` tells it
      setReviewed((before) => new Set([...before].filter((id) => id !== one.id)))
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
        {t('leftToReview', { count: left })}
      </Text>
      <Problem error={error} />
      <ItemInReview
        key={item.id}
        item={item}
        classes={task.classes}
        accept={() => void answer(item, true, null)}
        sendBack={(comment) => void answer(item, false, comment)}
      />
      {next && <link rel="prefetch" as="image" href={next.imageUrl} />}
    </>
  )
}

function ItemInReview({
  item,
  classes,
  accept,
  sendBack,
}: {
  item: Item
  classes: readonly string[]
  accept: () => void
  sendBack: (comment: string) => void
}) {
  const { t } = useTranslation('labelling')
  const colours = useMemo(() => coloursOf(classes), [classes])
  const { sheet, change, sight } = useSheet(item, item.annotations, [], classes)
  // an answer is looked at, not changed
  const look = (one: Change) => (one.do === 'select' || one.do === 'walk') && change(one)
  const [isSendingBack, sending] = useDisclosure()
  const [isHelping, help] = useDisclosure()
  useKeys({
    F: () => sight.fit(),
    '+': () => sight.zoom(1.25),
    '-': () => sight.zoom(0.8),
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
        change={look}
        sight={sight}
        kept={item.keptAnnotations}
        colours={colours}
      />
      <aside aria-label={t('answer')}>
        <Stack gap="sm">
          <Text size="sm">
            {item.answeredBy ? t('answeredBy', { name: item.answeredBy.name }) : t('answeredByPlatform')}
          </Text>
          {item.skipReason && <Text size="sm">{t('skippedBecause', { reason: item.skipReason })}</Text>}
          <ClassList classes={classes} sheet={sheet} change={look} colours={colours} />
          <Selected sheet={sheet} />
          <Divider />
          <Button
            onClick={accept}
            leftSection={<IconCheck size={16} aria-hidden />}
            rightSection={<Kbd size="xs">A</Kbd>}
          >
            {t('accept')}
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
        </Stack>
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

function CommentDialog({ close, send }: { close: () => void; send: (comment: string) => void }) {
  const { t } = useTranslation('labelling')
  const [comment, setComment] = useState('')

  function submit(event: FormEvent) {
    event.preventDefault()
    if (!comment.trim()) return
    close()
    send(comment.trim())
  }

  return (
    <Modal opened onClose={close} title={t('sendBack')}>
      <form onSubmit={submit}>
        <Stack>
          <Textarea
            label={t('comment')}
            description={t('sendBackWhy')}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey) submit(event)
            }}
            required
            maxLength={2000}
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('cancel')}
            </Button>
            <Button type="submit" disabled={!comment.trim()}>
              {t('sendBack')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
