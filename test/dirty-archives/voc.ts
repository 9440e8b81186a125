import { anImage, aVocFile } from '@ymir/dataset/testing'
import { archive, type DirtyArchive, goodVoc, otherPhoto, photo, withChoice } from './dirty-archive.ts'

const dirty = (name: string, annotation: string | Uint8Array): DirtyArchive =>
  archive(`VOC: ${name}`, {
    'images/good.jpg': photo,
    'annotations/good.xml': goodVoc,
    'images/b.jpg': otherPhoto,
    'annotations/b.xml': annotation,
  })
const box = (name: string, ...corners: (number | string)[]) => dirty(name, aVocFile([{ corners }]))
const without = (tag: string) => aVocFile([{ corners: [1, 1, 9, 9] }]).replace(tag, '')
const plain = aVocFile([{ corners: [1, 1, 9, 9] }])
const utf16 = Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(plain, 'utf16le')])
const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n${plain}`
const thief = `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n${plain}`

/** What can be wrong with a Pascal VOC file, and in the published system's layout, which has them too. */
export const voc: readonly DirtyArchive[] = [
  box('a box without width', 9, 1, 9, 9),
  withChoice(box('a box without width', 9, 1, 9, 9), { badItems: 'STOP' }),
  box('a box from right to left', 20, 1, 10, 9),
  box('a box from bottom to top', 1, 20, 9, 10),
  box('a box beyond the right edge', 1, 1, 66, 9),
  box('a box that reaches the image’s size, as counted from 1, which is fine', 1, 1, 64, 48),
  box('a box that begins before the image', -3, 1, 9, 9),
  box('a box far away', 1e300, 1, 1e301, 9),
  box('NaN', 'NaN', 1, 9, 9),
  box('Infinity', 1, 1, 'Infinity', 9),
  box('decimals with a comma', '1,5', 1, 9, 9),
  box('hexadecimal numbers', '0x1', 1, 9, 9),
  box('a number of 400 digits', 1, 1, '9'.repeat(400), 9),
  box('an empty number', '', 1, 9, 9),
  dirty('an object without a name', without('<name>cell</name>')),
  dirty('an object without a box', plain.replace(/<bndbox>[^]*<\/bndbox>/, '')),
  dirty('a box without ymax', without('<ymax>9</ymax>')),
  dirty('the size of another image', aVocFile([{ corners: [1, 1, 9, 9] }], { width: 640, height: 480 })),
  dirty('entities that grow', bomb),
  dirty('an entity that reads a file', thief),
  dirty('an unknown entity', plain.replace('>cell<', '>&cell;<')),
  dirty('elements nested without end', '<annotation>'.repeat(100_000)),
  dirty('elements nested deeply and closed', `${'<a>'.repeat(5_000)}${'</a>'.repeat(5_000)}`),
  dirty('no end', plain.slice(0, 150)),
  dirty('an empty file', ''),
  dirty('another root', '<html></html>'),
  dirty('JSON', '{"objects": []}'),
  dirty('a byte order mark, which is fine', `\ufeff${plain}`),
  dirty('UTF-16, which is fine', utf16),
  dirty('bytes of an image', otherPhoto),
  archive('VOC: an annotation without image', {
    ...{ 'images/good.jpg': photo, 'annotations/good.xml': goodVoc, 'annotations/lost.xml': goodVoc },
  }),
  archive('VOC: two annotations of one image', {
    ...{ 'images/good.jpg': photo, 'annotations/good.xml': goodVoc, 'annotations/good.XML': plain },
  }),
  archive('VOC: only annotations', { 'annotations/lost.xml': goodVoc }),
  archive('VOC: two images of one name', {
    ...{
      'images/a.jpg': photo,
      'images/a.png': await anImage({ format: 'png' }),
      'annotations/a.xml': plain,
    },
  }),
  archive('VOC: the same bytes with other boxes', {
    ...{ 'images/a.jpg': photo, 'annotations/a.xml': goodVoc },
    ...{ 'images/b.jpg': photo, 'annotations/b.xml': plain },
  }),
  archive('YMIR: a bad box in ground truth, an empty prediction, an orphan', {
    ...{ 'images/a.jpg': photo, 'gt/a.xml': aVocFile([{ corners: [9, 1, 9, 9] }]), 'pred/a.xml': '' },
    ...{ 'gt/lost.xml': goodVoc, 'meta.yaml': '- {{' },
  }),
  archive('YMIR: a bad prediction beside good ground truth', {
    ...{ 'images/a.jpg': photo, 'gt/a.xml': goodVoc, 'pred/a.xml': aVocFile([{ corners: [1, 1, 99, 9] }]) },
  }),
]
