import { archive, type DirtyArchive, goodVoc, otherPhoto, photo } from './dirty-archive.ts'
import { type Entry, zip, zipOf } from './zip.ts'

const good: Entry = { name: 'images/good.jpg', content: photo }
const goodAnnotation: Entry = { name: 'annotations/good.xml', content: goodVoc }
const whole = zip([good, goodAnnotation])
const dirty = (name: string, ...entries: Entry[]): DirtyArchive => ({
  name: `zip: ${name}`,
  bytes: zip([good, goodAnnotation, ...entries]),
})
const named = (name: string | Buffer): Entry => ({ name, content: otherPhoto })
const zeros = Buffer.alloc(1024 ** 2)

/** What can be wrong with an archive, whatever is in it. */
export const zips: readonly DirtyArchive[] = [
  dirty('a name that leads out', named('images/../../out.jpg')),
  dirty('an absolute name', named('/etc/out.jpg')),
  dirty('a drive of Windows', named('C:\\images\\out.jpg')),
  dirty('a name that leads out as Windows writes it', named('images\\..\\..\\out.jpg')),
  dirty('a name with a zero', named('images/a\0.jpg')),
  dirty('paths of Windows, which are fine', named('images\\b.jpg')),
  dirty('a name in Latin-1', named(Buffer.from('images/Zürich.jpg', 'latin1'))),
  dirty('a name in Shift-JIS', named(Buffer.from('696d616765732f93fa967b2e6a7067', 'hex'))),
  dirty('a name with line ends and terminal colours', {
    name: 'images/a\n\u001b[31m.jpg',
    content: 'no image',
  }),
  dirty('a name of 60,000 characters', { name: `images/${'n'.repeat(60_000)}.jpg`, content: 'no image' }),
  dirty('two hundred folders in each other', named(`${'f/'.repeat(200)}b.jpg`)),
  dirty('a symbolic link', { name: 'images/link.jpg', content: '/etc/passwd', unixMode: 0o120777 }),
  dirty('an encrypted file', { ...named('images/secret.jpg'), flags: 1 }),
  dirty('a checksum that is not the content’s', { ...named('images/b.jpg'), crc: 7 }),
  dirty('a file that is longer than it says', { ...named('images/b.jpg'), size: 10 }),
  dirty('a file that is shorter than it says', { ...named('images/b.jpg'), size: otherPhoto.length + 10 }),
  dirty('an unknown compression', { ...named('images/b.jpg'), method: 12 }),
  dirty('deflated bytes that are none', { name: 'images/b.jpg', content: '', packedSize: 90, size: 90 }),
  dirty('two images of one name', named('images/twice.jpg'), { name: 'images/twice.jpg', content: photo }),
  dirty('two annotations of one name', { name: 'annotations/good.xml', content: '<annotation/>' }),
  dirty('a file whose place is beyond the end', { ...named('images/b.jpg'), offset: 0x7fffffff }),
  dirty('a file whose place is in the middle of another', { ...named('images/b.jpg'), offset: 20 }),
  dirty('an image that claims 4 GB', { ...named('images/b.jpg'), size: 0xfffffffe }),
  dirty('a bomb', ...[1, 2, 3].map((one) => ({ name: `images/${one}.jpg`, content: zeros, size: 90e6 }))),
  {
    name: 'zip: a thousand files that are one',
    bytes: zip([
      good,
      ...Array.from({ length: 1_000 }, (_, index) => ({
        ...{ name: `images/${index}.jpg`, content: '', size: 900, packedSize: 900, offset: 0 },
      })),
    ]),
  },
  { name: 'zip: cut in its directory', bytes: whole.subarray(0, whole.length - 40) },
  { name: 'zip: its first half', bytes: whole.subarray(0, whole.length / 2) },
  { name: 'zip: its second half', bytes: whole.subarray(whole.length / 2) },
  { name: 'zip: bytes before its beginning', bytes: Buffer.concat([Buffer.alloc(100, 1), whole]) },
  { name: 'zip: bytes after its end', bytes: Buffer.concat([whole, Buffer.alloc(100, 1)]) },
  { name: 'zip: a directory that is all zeros', bytes: zerosBefore(whole) },
  { name: 'zip: an image instead', bytes: photo },
  { name: 'zip: nothing at all', bytes: Buffer.alloc(0) },
  { name: 'zip: no file in it', bytes: zip([]) },
  archive('zip: only folders', { 'images/': '', 'annotations/': '' }),
  archive('zip: only what systems leave', {
    '__MACOSX/images/._a.jpg': photo,
    'images/.DS_Store': 'junk',
    '.hidden/a.jpg': photo,
  }),
  archive('zip: an archive in the archive', { 'set.zip': zipOf({ 'images/a.jpg': photo }) }),
]

/** The end is there, what it points to is not. */
function zerosBefore(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes)
  const end = changed.length - 22
  changed.fill(0, changed.readUInt32LE(end + 16), end)
  return changed
}
