import { Anchor, Code } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Facts } from '../look/Facts.tsx'
import type { ShownModel } from './ModelPage.tsx'
import type { VersionNameFragment } from '../version/version-name.generated.ts'
import { Section } from '../look/Section.tsx'

/** What a model was made from: enough to make it again. */
export function Origin({ model }: { model: ShownModel }) {
  const { t } = useTranslation('model')
  const { startStage } = model
  const parameters = JSON.stringify(model.parameters, null, 2)
  return (
    <Section title={t('origin')}>
      <Facts
        facts={[
          { name: t('trainingSet'), value: <VersionLink version={model.trainingVersion} /> },
          { name: t('testSet'), value: <VersionLink version={model.testVersion} /> },
          { name: t('executorImage'), value: model.executorImage.name },
          { name: t('digest'), value: model.imageDigest && <Code>{model.imageDigest}</Code> },
          {
            name: t('startStage'),
            value: startStage ? (
              <Anchor component={Link} to={`/models/${startStage.model.id}`} size="sm">
                {t('stageOf', { stage: startStage.name, model: startStage.model.name })}
              </Anchor>
            ) : (
              t('fromScratch')
            ),
          },
          { name: t('classes'), value: model.classes.join(', ') },
          { name: t('gpus'), value: model.gpuCount === 0 ? t('none') : model.gpuCount },
          {
            name: t('parameters'),
            value: parameters === '{}' ? t('templateParameters') : <Code block>{parameters}</Code>,
          },
          {
            name: t('job'),
            value: (
              <Anchor component={Link} to={`/jobs/${model.jobId}`} size="sm">
                {t('trainingJob')}
              </Anchor>
            ),
          },
        ]}
      />
    </Section>
  )
}

export function VersionLink({ version }: { version: VersionNameFragment }) {
  const { t } = useTranslation('model')
  return (
    <Anchor component={Link} to={`/versions/${version.id}`} size="sm">
      {t('versionName', { name: version.dataset.name, number: version.number, count: version.assetCount })}
    </Anchor>
  )
}
