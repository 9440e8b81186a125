import { expect, test } from 'vitest'
import { placeOf } from './layout.ts'

test.each([
  ['images/1.jpg', 'annotations/1.xml'],
  ['JPEGImages/1.jpg', 'Annotations/1.xml'],
  ['IMAGES/1.JPG', 'ANNOTATIONS/1.XML'],
  ['set/images/1.png', 'set/annotations/1.xml'],
  ['VOC2007/JPEGImages/a/b/1.webp', 'VOC2007/Annotations/a/b/1.xml'],
  ['images/1.2.jpeg', 'annotations/1.2.xml'],
  ['1.jpg', '1.xml'],
  ['set/1.jpg', 'set/1.xml'],
  ['images/images/1.jpg', 'annotations/images/1.xml'],
])('%s belongs to %s', (image, annotation) => {
  expect(placeOf(image)).toMatchObject({ role: 'image' })
  expect(placeOf(annotation)).toEqual({ role: 'annotation', key: placeOf(image).key })
})

test.each([
  ['images/a/1.jpg', 'images/b/1.jpg'],
  ['one/images/1.jpg', 'two/images/1.jpg'],
  ['images/1.jpg', 'images/1.2.jpg'],
])('%s and %s are two', (one, other) => {
  expect(placeOf(one).key).not.toBe(placeOf(other).key)
})

test.each([
  '__MACOSX/images/._1.jpg',
  'images/.DS_Store',
  '.git/1.jpg',
  'README',
  'images/Thumbs.db',
  'classes.txt',
  '.jpg',
])('%s is passed over', (name) => {
  expect(placeOf(name).role).toBeUndefined()
})
