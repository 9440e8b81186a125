import { Button, Menu } from '@mantine/core'
import {
  IconArrowMerge,
  IconArrowsSplit2,
  IconChevronDown,
  IconCopy,
  IconCut,
  IconDice3,
  IconDownload,
  IconFilter,
  IconGitCompare,
  IconReplace,
} from '@tabler/icons-react'
import { useState, type ComponentType } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { mayAs } from '../../project/may.ts'
import type { VersionShown } from '../VersionPage.tsx'
import { CompareDialog } from './CompareDialog.tsx'
import { CopyDialog } from './CopyDialog.tsx'
import { ExcludeDialog } from './ExcludeDialog.tsx'
import { ExportDialog } from './ExportDialog.tsx'
import { FilterDialog } from './FilterDialog.tsx'
import { MergeDialog } from './MergeDialog.tsx'
import { RelabelDialog } from './RelabelDialog.tsx'
import { SampleDialog } from './SampleDialog.tsx'
import { SplitDialog } from './SplitDialog.tsx'

export interface OperationProps {
  readonly version: VersionShown
  readonly onClose: () => void
}

const dialogs = {
  merge: { icon: IconArrowMerge, Dialog: MergeDialog },
  exclude: { icon: IconCut, Dialog: ExcludeDialog },
  filterBy: { icon: IconFilter, Dialog: FilterDialog },
  sample: { icon: IconDice3, Dialog: SampleDialog },
  split: { icon: IconArrowsSplit2, Dialog: SplitDialog },
  relabel: { icon: IconReplace, Dialog: RelabelDialog },
  copy: { icon: IconCopy, Dialog: CopyDialog },
} as const
type Operation = keyof typeof dialogs
const operations = Object.keys(dialogs) as readonly Operation[] // the keys are what the type says

/** What can be made of a version. */
export function Operations({ version }: { version: VersionShown }) {
  const { t } = useTranslation('version')
  const [chosen, setChosen] = useState<Operation | 'compare' | 'export'>()
  const close = () => setChosen(undefined)
  const Dialog = dialogOf(chosen)
  const mayMake = mayAs('EDITOR', version.project)
  return (
    <>
      {mayMake && (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" rightSection={<IconChevronDown size={16} aria-hidden />}>
              {t('make')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {operations.map((operation) => {
              const { icon: Icon } = dialogs[operation]
              return (
                <Menu.Item
                  key={operation}
                  leftSection={<Icon size={16} aria-hidden />}
                  onClick={() => setChosen(operation)}
                >
                  {t(`${operation}.menu`)}
                </Menu.Item>
              )
            })}
          </Menu.Dropdown>
        </Menu>
      )}
      <Button
        variant="default"
        leftSection={<IconGitCompare size={16} aria-hidden />}
        onClick={() => setChosen('compare')}
      >
        {t('compare')}
      </Button>
      <Button
        variant="default"
        leftSection={<IconDownload size={16} aria-hidden />}
        onClick={() => setChosen('export')}
      >
        {t('export')}
      </Button>
      {mayMake && (
        <Button component={Link} to={`/projects/${version.project.id}/train?version=${version.id}`}>
          {t('train')}
        </Button>
      )}
      {Dialog && <Dialog version={version} onClose={close} />}
    </>
  )
}

function dialogOf(
  chosen: Operation | 'compare' | 'export' | undefined,
): ComponentType<OperationProps> | undefined {
  if (chosen === undefined) return undefined
  if (chosen === 'compare') return CompareDialog
  if (chosen === 'export') return ExportDialog
  return dialogs[chosen].Dialog
}
