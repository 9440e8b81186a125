import { archive, type Choice, type DirtyArchive, otherPhoto, photo, withChoice } from './dirty-archive.ts'

const names = 'names: [cell, other]\n'
const set = (label: string | Uint8Array) => ({
  ...{ 'images/a.jpg': photo, 'labels/a.txt': '0 0.5 0.5 0.5 0.5\n' },
  ...{ 'images/b.jpg': otherPhoto, 'labels/b.txt': label },
})
const label = (name: string, lines: string | Uint8Array) =>
  archive(`YOLO: ${name}`, { ...set(lines), 'data.yaml': names })
const data = (name: string, yaml: string, choice?: Choice) =>
  archive(`YOLO: ${name}`, { ...set('0 0.5 0.5 0.5 0.5'), 'data.yaml': yaml }, choice)

/** What can be wrong with YOLO's lines and names. */
export const yolo: readonly DirtyArchive[] = [
  label('too few numbers', '0 0.5 0.5\n'),
  label('an outline with an odd count', '0 0.1 0.1 0.5 0.1 0.5 0.5 0.1\n'),
  label('a class beyond the list', '0 0.5 0.5 0.5 0.5\n2 0.5 0.5 0.5 0.5\n'),
  withChoice(label('a class beyond the list', '2 0.5 0.5 0.5 0.5\n'), { badItems: 'STOP' }),
  label('a negative class', '-1 0.5 0.5 0.5 0.5\n'),
  label('a name for a class', 'cell 0.5 0.5 0.5 0.5\n'),
  label('pixels instead of parts', '0 32 24 20 20\n'),
  label('a negative centre', '0 -0.5 0.5 0.5 0.5\n'),
  label('a box that reaches out', '0 0.9 0.5 0.5 0.5\n'),
  label('a box without area', '0 0.5 0.5 0 0.5\n'),
  label('NaN', '0 nan 0.5 0.5 0.5\n'),
  label('decimals with a comma', '0 0,5 0,5 0,5 0,5\n'),
  label('a number of 100,000 digits', `0 0.${'5'.repeat(100_000)} 0.5 0.5 0.5\n`),
  label('an exponent without end', '0 1e-999999999 0.5 0.5 0.5\n'),
  label('bytes of an image', otherPhoto),
  label('line ends of Windows and empty lines, which are fine', '\r\n0 0.5 0.5 0.5 0.5\r\n\r\n'),
  archive('YOLO: no data.yaml', { ...set('0 0.5 0.5 0.5 0.5') }, { format: 'YOLO' }),
  data('names as a map with a gap', 'names: {0: cell, 2: other}\n'),
  archive('YOLO: a class in the gap of names', {
    ...{ ...set('1 0.5 0.5 0.5 0.5'), 'data.yaml': 'names: {0: cell, 2: other}\n' },
  }),
  data('names with a number beyond all', 'names: {0: cell, 999999999: other}\n'),
  data('names that are no YAML', 'names: [cell\n'),
  data('names that grow', `a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nnames: [*c,*c,*c]\n`),
  archive('YOLO: two lists of names that differ', {
    ...{ ...set('0 0.5 0.5 0.5 0.5'), 'data.yaml': names, 'old/classes.txt': 'other\ncell\n' },
  }),
  archive('YOLO: labels without image', {
    ...{ ...set('0 0.5 0.5 0.5 0.5'), 'data.yaml': names, 'labels/lost.txt': '' },
  }),
]
