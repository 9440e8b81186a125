import {
  Anchor,
  Button,
  Checkbox,
  Group,
  Modal,
  Progress,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
} from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowBackUp, IconEye, IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { useLive } from '../graph/live.ts'
import { Problem } from '../look/Problem.tsx'
import { useFormats } from '../look/formats.ts'
import {
  IterationDocument,
  SendBackLabellingDocument,
  StepLabellingProgressDocument,
  type StepLabellingProgressSubscription,
} from './iteration.generated.ts'
import type { Step } from './IterationPage.tsx'
import { settingOf, whoIn } from './labeller.ts'
import { LabellerSelect } from './LabellerSelect.tsx'
import { idsOf } from './made-first.ts'
import type { Settings } from './StepPanel.tsx'

/** Who labels, what, and with what as a start. */
export function LabelSettings({ round, choices, parameters, onChange }: Settings) {
  const { t } = useTranslation('iteration')
  const classes = idsOf(parameters.classes)
  const offered = [...new Set([...round.project.classes, ...classes])]
  return (
    <Stack>
      <LabellerSelect
        who={whoIn(parameters)}
        labellers={choices.labellers}
        onChange={(who) => onChange({ automaticLabellerId: null, vendorIds: [], ...settingOf(who) })}
      />
      <Checkbox.Group
        label={t('classesToDraw')}
        description={t('classesToDrawAdvice')}
        value={classes}
        onChange={(chosen) =>
          chosen.length > 0 && onChange({ classes: offered.filter((one) => chosen.includes(one)) })
        }
      >
        <Group mt="xs" gap="sm">
          {offered.map((name) => (
            <Checkbox key={name} value={name} label={name} size="sm" />
          ))}
        </Group>
      </Checkbox.Group>
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Switch
          label={t('keepAnnotations')}
          description={t('keepAnnotationsAdvice')}
          checked={parameters.keepAnnotations === true}
          onChange={({ currentTarget: { checked } }) => onChange({ keepAnnotations: checked })}
        />
        <Switch
          label={t('review')}
          description={t('reviewAdvice')}
          checked={parameters.review === true}
          onChange={({ currentTarget: { checked } }) => onChange({ review: checked })}
        />
      </SimpleGrid>
    </Stack>
  )
}

type Task = NonNullable<Step['labellingTask']>

/** How far the labellers are, live, and the ways to label, to look and to send back. */
export function LabelWork({ task }: { readonly task: Task }) {
  const { t } = useTranslation('iteration')
  const { number } = useFormats()
  const [live, setLive] = useState<StepLabellingProgressSubscription['labellingTaskProgress']>()
  const isOpen = task.state === 'OPEN'
  useLive(
    StepLabellingProgressDocument,
    { taskId: task.id },
    { skip: !isOpen, onUpdate: ({ labellingTaskProgress }) => setLive(labellingTaskProgress) },
  )
  const { doneCount, itemCount } = isOpen && live ? live : task
  const notPeople = task.automaticLabeller ?? task.vendor
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm">{notPeople ? t('labelledBy', { name: notPeople.name }) : t('labelledByPeople')}</Text>
        <Text size="sm" className="figures" aria-live="polite">
          {t('labelledOf', { done: number(doneCount), all: number(itemCount) })}
        </Text>
      </Group>
      <Progress value={itemCount > 0 ? (100 * doneCount) / itemCount : 0} aria-label={t('progress')} />
      <Group>
        {isOpen && !notPeople && (
          <Button
            component={Link}
            to={`/labelling/${task.id}/label`}
            size="md"
            leftSection={<IconPencil size={18} aria-hidden />}
          >
            {t('label')}
          </Button>
        )}
        <Button
          component={Link}
          to={`/labelling/${task.id}/review`}
          variant="default"
          leftSection={<IconEye size={18} aria-hidden />}
        >
          {t('lookAtLabels')}
        </Button>
        <SendBack task={task} />
        <Anchor component={Link} to={`/labelling/${task.id}`} size="sm">
          {t('toLabellingTask')}
        </Anchor>
      </Group>
    </Stack>
  )
}

/** Not content: all of it is labelled again, with a word why. */
function SendBack({ task }: { readonly task: Task }) {
  const { t } = useTranslation('iteration')
  const [isOpen, { open, close }] = useDisclosure()
  const [comment, setComment] = useState('')
  const [send, { loading, error }] = useMutation(SendBackLabellingDocument, {
    refetchQueries: [IterationDocument],
    onCompleted: close,
  })
  if (task.state !== 'OPEN' || task.automaticLabeller || task.doneCount === 0) return null
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={18} aria-hidden />} onClick={open}>
        {t('sendBack')}
      </Button>
      <Modal opened={isOpen} onClose={close} title={t('sendBack')}>
        <Stack>
          <Textarea
            label={t('sendBackComment')}
            description={t('sendBackAdvice')}
            maxLength={2_000}
            autosize
            minRows={3}
            value={comment}
            onChange={({ currentTarget }) => setComment(currentTarget.value)}
            data-autofocus
          />
          <Problem error={error} />
          <Group justify="flex-end">
            <Button
              loading={loading}
              onClick={() =>
                void send({ variables: { input: { taskId: task.id, comment } } }).catch(() => undefined)
              } // `error` tells
            >
              {t('sendBack')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
