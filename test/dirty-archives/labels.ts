import { aVocFile } from '@ymir/dataset/testing'
import { archive, type DirtyArchive, photo, withChoice } from './dirty-archive.ts'

const labelled = (name: string, ...labels: string[]) =>
  archive(`labels: ${name}`, {
    'images/a.jpg': photo,
    'annotations/a.xml': aVocFile(
      labels.map((one, index) => ({ name: one, corners: [1 + index, 1, 20, 20] })),
    ),
  })
const unknown = (own: string) => labelled('one that nobody knows', 'cell', own)

/** Names of objects. The workspace knows `cell`, and `zelle` as another name of it. */
export const labels: readonly DirtyArchive[] = [
  withChoice(unknown('newt'), { unknownLabels: 'STOP' }),
  withChoice(unknown('newt'), { unknownLabels: 'IGNORE' }),
  withChoice(unknown('olm'), { unknownLabels: 'ADD' }),
  withChoice(labelled('one in two cases', 'Axolotl', 'axolotl'), { unknownLabels: 'ADD' }),
  withChoice(unknown('newt'), { annotations: 'IGNORE' }),
  labelled('another case, another name, other spaces', 'CELL', 'Zelle', ' cell '),
  withChoice(labelled('control characters', 'a\tb', 'a\u0007b'), { unknownLabels: 'ADD' }),
  withChoice(labelled('too long', 'n'.repeat(101)), { unknownLabels: 'ADD' }),
  withChoice(labelled('nothing but spaces', ' '), { unknownLabels: 'ADD' }),
  withChoice(labelled('a script', '&lt;script&gt;alert(1)&lt;/script&gt;'), { unknownLabels: 'STOP' }),
]
