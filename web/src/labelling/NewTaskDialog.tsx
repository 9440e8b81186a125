import { useMutation, useQuery } from '@apollo/client/react'
import {
  Button,
  Checkbox,
  Group,
  Modal,
  MultiSelect,
  Select,
  Skeleton,
  Stack,
  TextInput,
} from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { Problem } from '../look/Problem.tsx'
import { ChecksChoice, noChecks } from './quality/ChecksChoice.tsx'
import { SuggestionsChoice, useSuggestions } from './SuggestionsChoice.tsx'
import {
  CreateLabellingTaskDocument,
  LabellingPeopleDocument,
  NewLabellingTaskChoicesDocument,
  type NewLabellingTaskChoicesQuery,
} from './tasks.generated.ts'

type Choices = NonNullable<NewLabellingTaskChoicesQuery['project']>

/** Asks what is to be labelled, and by whom, and makes the task. */
export function NewTaskDialog({ projectId, close }: { projectId: string; close: () => void }) {
  const { t } = useTranslation('labelling')
  const { data, error, refetch } = useQuery(NewLabellingTaskChoicesDocument, { variables: { projectId } })
  const project = data?.project
  return (
    <Modal
      opened
      onClose={close}
      title={t('newTask')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {error && !project && <Problem error={error} retry={() => void refetch()} />}
      {!project && !error && <Skeleton h={320} />}
      {project && <NewTaskForm project={project} close={close} />}
    </Modal>
  )
}

/** Chosen where people answer: an automatic labeller and a vendor have an id. */
const byPeople = 'people'

function NewTaskForm({ project, close }: { project: Choices; close: () => void }) {
  const { t } = useTranslation('labelling')
  const go = useNavigate()
  const [create, { loading, error }] = useMutation(CreateLabellingTaskDocument)
  const [versionId, setVersionId] = useState<string | null>(null)
  const [name, setName] = useState('')
  const [classes, setClasses] = useState([...project.classes])
  const [keepAnnotations, setKeepAnnotations] = useState(true)
  const [review, setReview] = useState(false)
  const [who, setWho] = useState(byPeople)
  const [checks, setChecks] = useState(noChecks)
  const sets = useSuggestions(project.id, versionId)
  const [chosenSet, setChosenSet] = useState<string | null>()
  // the nearest, until another or none is chosen
  const setId = chosenSet === undefined ? (sets[0]?.id ?? null) : chosenSet

  async function make(event: FormEvent) {
    event.preventDefault()
    if (!versionId) return
    const vendorId = isVendor(who, project) ? who : null
    const automaticLabellerId = who === byPeople || vendorId ? null : who
    const input = {
      projectId: project.id,
      versionId,
      name,
      classes,
      keepAnnotations,
      review,
      automaticLabellerId,
      vendorId,
      predictionSetId: automaticLabellerId ? null : setId,
      ...(!automaticLabellerId && {
        goldVersionId: checks.goldVersionId,
        goldCount: checks.goldCount,
        overlap: checks.overlapPercent / 100,
      }),
    }
    // what the graph refused is shown by `error`
    const { data } = await create({ variables: { input }, refetchQueries: ['LabellingTasks'] }).catch(() => ({
      data: undefined,
    }))
    if (!data) return
    close()
    await go(`/labelling/${data.createLabellingTask.task.id}`)
  }

  return (
    <form onSubmit={(event) => void make(event)}>
      <Stack>
        <Select
          label={t('version')}
          placeholder={t('chooseVersion')}
          data={versionsOf(project, t)}
          value={versionId}
          onChange={(id) => {
            setVersionId(id)
            setChosenSet(undefined)
          }}
          searchable
          required
          data-autofocus
        />
        <TextInput
          label={t('name')}
          description={t('nameWhy')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
          maxLength={100}
        />
        <MultiSelect
          label={t('classes')}
          description={t('classesWhy')}
          data={[...project.classes]}
          value={classes}
          onChange={setClasses}
          searchable
          required
        />
        <Select
          label={t('who')}
          description={<Why who={who} project={project} />}
          data={[
            { value: byPeople, label: t('peopleOfProject') },
            ...project.automaticLabellers.map(({ id, name: labeller }) => ({
              value: id,
              label: t('automaticNamed', { name: labeller }),
            })),
            ...project.vendors.map(({ id, name: vendor }) => ({
              value: id,
              label: t('vendorNamed', { name: vendor }),
            })),
          ]}
          value={who}
          onChange={(value) => setWho(value ?? byPeople)}
          allowDeselect={false}
        />
        {(who === byPeople || isVendor(who, project)) && sets.length > 0 && (
          <SuggestionsChoice sets={sets} value={setId} onChange={setChosenSet} />
        )}
        <Checkbox
          label={t('keepAnnotations')}
          description={t('keepAnnotationsWhy')}
          checked={keepAnnotations}
          onChange={(event) => setKeepAnnotations(event.currentTarget.checked)}
        />
        <Checkbox
          label={t('review')}
          description={t('reviewWhy')}
          checked={review}
          onChange={(event) => setReview(event.currentTarget.checked)}
        />
        {(who === byPeople || isVendor(who, project)) && (
          <ChecksChoice
            versions={versionsOf(project, t).filter(({ value }) => value !== versionId)}
            value={checks}
            onChange={setChecks}
          />
        )}
        <Problem error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t('cancel')}
          </Button>
          <Button
            type="submit"
            loading={loading}
            disabled={!versionId || !name.trim() || classes.length === 0}
          >
            {t('makeTask')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function isVendor(who: string, { vendors }: Choices): boolean {
  return vendors.some(({ id }) => id === who)
}

/** What the choice of a labeller means. */
function Why({ who, project }: { who: string; project: Choices }) {
  const { t } = useTranslation('labelling')
  if (who === byPeople) return <People projectId={project.id} />
  return isVendor(who, project) ? t('vendorWhy') : t('automaticWhy')
}

function versionsOf(project: Choices, t: ReturnType<typeof useTranslation<'labelling'>>['t']) {
  return project.datasets.edges.flatMap(({ node: { name, versions } }) =>
    versions.edges.map(({ node: { id, number, assetCount } }) => ({
      value: id,
      label: t('versionNamed', { name, number, count: assetCount }),
    })),
  )
}

/** Who will see the task: the members that may label. */
function People({ projectId }: { projectId: string }) {
  const { t, i18n } = useTranslation('labelling')
  const { data } = useQuery(LabellingPeopleDocument, { variables: { projectId } })
  const names = (data?.project?.members ?? [])
    .filter(({ role }) => role !== 'VIEWER')
    .map(({ user }) => user.name)
  if (names.length === 0) return t('peopleWhy')
  return t('peopleAre', { names: new Intl.ListFormat(i18n.language).format(names) })
}
