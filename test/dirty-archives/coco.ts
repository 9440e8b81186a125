import { archive, type Choice, type DirtyArchive, otherPhoto, photo, withChoice } from './dirty-archive.ts'

const images = [
  { id: 1, file_name: 'a.jpg', width: 64, height: 48 },
  { id: 2, file_name: 'b.jpg', width: 64, height: 48 },
]
const categories: unknown[] = [{ id: 7, name: 'cell' }]
const bbox = [1, 1, 20, 20]
const good = { id: 1, image_id: 1, category_id: 7, bbox }
const rle = { size: [48, 64], counts: [10, 5] }

const text = (name: string, json: string, choice?: Choice) =>
  archive(`COCO: ${name}`, { 'a.jpg': photo, 'b.jpg': otherPhoto, 'instances.json': json }, choice)
const whole = (lists: object) => JSON.stringify({ images, categories, annotations: [good], ...lists })
const lists = (name: string, changed: object) => text(name, whole(changed))
/** A good annotation of the first image, and one of the second with something wrong. */
const annotation = (name: string, said: object) =>
  lists(name, { annotations: [good, { id: 2, image_id: 2, category_id: 7, bbox, ...said }] })

/** What can be wrong with COCO's JSON. */
export const coco: readonly DirtyArchive[] = [
  text('NaN', whole({}).replace('[1,1,20,20]', '[NaN,1,20,20]')),
  text('a file that is cut', whole({}).slice(0, -30)),
  text('something behind the end', `${whole({})}}`),
  text('lists nested without end', `{"images":[],"annotations":${'['.repeat(100_000)}`),
  text('a byte order mark', `\ufeff${whole({})}`),
  annotation('a box of huge numbers', { bbox: [1, 1, 1e308, 1e308] }),
  text('a number beyond all numbers', whole({}).replace('[1,1,20,20]', '[1,1,1e999,20]')),
  annotation('a box without area', { bbox: [1, 1, 0, 20] }),
  annotation('a negative width', { bbox: [9, 9, -5, 5] }),
  annotation('a box outside', { bbox: [60, 40, 20, 20] }),
  annotation('three numbers for a box', { bbox: [1, 1, 20] }),
  annotation('texts for numbers', { bbox: ['1', '1', '20', '20'] }),
  annotation('no box and no segmentation', { bbox: undefined }),
  annotation('an id twice', { id: 1 }),
  annotation('an unknown category', { category_id: 8 }),
  withChoice(annotation('an unknown category', { category_id: 8 }), { badItems: 'STOP' }),
  annotation('an unknown image', { image_id: 9 }),
  annotation('no image id', { image_id: undefined }),
  annotation('an id that is a list', { image_id: [2] }),
  annotation('a polygon of two points', { segmentation: [[1, 1, 9, 9]] }),
  annotation('a polygon outside', { segmentation: [[1, 1, 99, 1, 9, 9]] }),
  annotation('a crowd whose run lengths are too few', { iscrowd: 1, segmentation: rle }),
  annotation('a crowd of another size', { iscrowd: 1, segmentation: { ...rle, size: [64, 48] } }),
  annotation('negative run lengths', { segmentation: { ...rle, counts: [-5, 3077] } }),
  annotation('run lengths that are no text of COCO', { segmentation: { ...rle, counts: 'äöü' } }),
  annotation('a crowd of two', { iscrowd: 2 }),
  annotation('a score beyond 1', { score: 7 }),
  lists('annotations that are no objects', { annotations: [good, null, 3, 'x', []] }),
  lists('a category with two names', { categories: [...categories, { id: 7, name: 'newt' }] }),
  lists('a category without a name', { categories: [...categories, { id: 8 }] }),
  lists('an image with two ids of one number', { images: [...images, { id: 1, file_name: 'b.jpg' }] }),
  lists('an image that is not there', { images: [...images, { id: 3, file_name: 'c.jpg' }] }),
  lists('a name that leads out', { images: [...images, { id: 3, file_name: '../../etc/passwd' }] }),
  lists('the size of another image', { images: [images[0], { ...images[1], width: 640 }] }),
  lists('keys that change what objects are', {
    images: [
      images[0],
      { ...images[1], metadata: JSON.parse('{"__proto__": "x", "constructor": "y"}') as object },
    ],
  }),
  archive('COCO: no image at all', { 'instances.json': whole({}) }),
  archive('COCO: asked for, and not there', { 'a.jpg': photo }, { format: 'COCO' }),
]
