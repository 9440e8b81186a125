import { useMutation } from '@apollo/client/react'
import { Alert, Button, List, Select, SegmentedControl } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DatasetFormat, ExportContainer } from '../../graph/schema.generated.ts'
import { ExportVersionDocument } from '../operations.generated.ts'
import { FormDialog } from '../../look/FormDialog.tsx'
import type { OperationProps } from './Operations.tsx'

const formats: readonly DatasetFormat[] = ['COCO', 'VOC', 'YOLO', 'LABEL_STUDIO', 'YMIR', 'IMAGES']
const containers: readonly ExportContainer[] = ['ZIP', 'TAR']

/** A file with images and annotations; says what its format cannot carry. */
export function ExportDialog({ version, onClose }: OperationProps) {
  const { t } = useTranslation('version')
  const [format, setFormat] = useState<DatasetFormat>('COCO')
  const [container, setContainer] = useState<ExportContainer>('ZIP')
  const [make, { loading, error, data, reset }] = useMutation(ExportVersionDocument)
  const made = data?.exportVersion
  return (
    <FormDialog
      size="lg"
      title={t('export')}
      meaning={t('exporting.meaning')}
      action={t('exporting.do')}
      onClose={onClose}
      onSubmit={() => make({ variables: { input: { versionId: version.id, format, container } } })}
      loading={loading}
      error={error}
      disabled={made !== undefined}
    >
      <Select
        label={t('exporting.format')}
        allowDeselect={false}
        value={format}
        onChange={(value) => {
          setFormat(formats.find((one) => one === value)!)
          reset()
        }}
        data={formats.map((one) => ({ value: one, label: t(`format.${one}`) }))}
      />
      <SegmentedControl
        aria-label={t('exporting.container')}
        value={container}
        onChange={(value) => {
          setContainer(containers.find((one) => one === value)!)
          reset()
        }}
        data={containers.map((one) => ({ value: one, label: one.toLowerCase() }))}
      />
      {made && made.loses.length > 0 && (
        <Alert color="orange" title={t('exporting.loses')}>
          <List size="sm">
            {made.loses.map((what) => (
              <List.Item key={what}>{what}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {made && (
        <Button component="a" href={made.url} download leftSection={<IconDownload size={16} aria-hidden />}>
          {t('exporting.download')}
        </Button>
      )}
    </FormDialog>
  )
}
