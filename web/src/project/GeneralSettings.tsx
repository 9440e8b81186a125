import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core'
import { useMutation } from '@apollo/client/react'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ClassesInput } from '../label/ClassesInput.tsx'
import { Problem } from '../look/Problem.tsx'
import { Section } from '../look/Section.tsx'
import { tell } from '../look/notices.tsx'
import type { ProjectFrameFragment } from './project.generated.ts'
import { UpdateProjectDocument } from './settings.generated.ts'

/** Name, description and classes; others than owners read them. */
export function GeneralSettings({
  project,
  mayChange,
}: {
  project: ProjectFrameFragment
  mayChange: boolean
}) {
  const { t } = useTranslation('project')
  const { t: tApp } = useTranslation()
  const [classes, setClasses] = useState<readonly string[]>(project.classes)
  const [update, { loading, error }] = useMutation(UpdateProjectDocument)

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const name = String(form.get('name') ?? '').trim()
    const description = String(form.get('description') ?? '')
    const { data } = await update({
      variables: { input: { id: project.id, name, description, classes: [...classes] } },
    })
    if (!data) return
    setClasses(data.updateProject.project.classes)
    tell(t('settingsKept'))
  }

  return (
    <Section title={t('general')} advice={mayChange ? undefined : t('ownersChange')}>
      {/* the mutation's error is shown by Problem */}
      <form onSubmit={(event) => void submit(event).catch(() => undefined)}>
        <Stack>
          <TextInput
            name="name"
            label={t('name')}
            defaultValue={project.name}
            required
            maxLength={200}
            readOnly={!mayChange}
          />
          <Textarea
            name="description"
            label={t('description')}
            defaultValue={project.description}
            maxLength={10_000}
            autosize
            minRows={2}
            maxRows={8}
            readOnly={!mayChange}
          />
          <ClassesInput
            label={t('classes')}
            description={t('classesOrder')}
            value={classes}
            onChange={setClasses}
            disabled={!mayChange}
          />
          <Problem error={error} />
          {mayChange && (
            <Group>
              <Button type="submit" loading={loading}>
                {tApp('save')}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Section>
  )
}
