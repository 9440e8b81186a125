import { archive, type DirtyArchive, otherPhoto, photo } from './dirty-archive.ts'

const value = { x: 10, y: 10, width: 50, height: 50, rectanglelabels: ['cell'] }
const region = { type: 'rectanglelabels', original_width: 64, original_height: 48, value }
const good = { data: { image: 'a.jpg' }, annotations: [{ result: [region] }] }
const tasks = (name: string, ...all: unknown[]) =>
  archive(`Label Studio: ${name}`, {
    ...{ 'a.jpg': photo, 'b.jpg': otherPhoto, 'tasks.json': JSON.stringify([good, ...all]) },
  })
const result = (name: string, ...results: unknown[]) =>
  tasks(name, { data: { image: 'b.jpg' }, annotations: [{ result: results }] })
const rectangle = (name: string, said: object) => result(name, { ...region, value: { ...value, ...said } })

/** What can be wrong with Label Studio's tasks. */
export const labelStudio: readonly DirtyArchive[] = [
  rectangle('percent beyond 100', { x: 90 }),
  rectangle('negative percent', { x: -10 }),
  rectangle('a rectangle without height', { height: undefined }),
  rectangle('a rectangle without label', { rectanglelabels: [] }),
  rectangle('texts for numbers', { x: '10' }),
  result('the size of another image', { ...region, original_width: 640 }),
  result('a turned image', { ...region, image_rotation: 90 }),
  result('an ellipse', { type: 'ellipselabels', value: { x: 1, y: 1, radiusX: 5, ellipselabels: ['cell'] } }),
  result('a brush of noise', { type: 'brushlabels', value: { rle: [1, 2, 3], brushlabels: ['cell'] } }),
  result('results that are no objects', null, 7, 'x'),
  tasks('an unknown image', { data: { image: '/data/upload/1/0a1b2c3d-lost.jpg' }, annotations: [] }),
  tasks('a task without image', { data: { text: 'hello' }, annotations: [] }),
  tasks('a task that is no object', 7),
  tasks('two tasks of one image', good),
  tasks('a cancelled annotation, which does not count', {
    data: { image: 'b.jpg' },
    annotations: [{ was_cancelled: true, result: [{ ...region, value: { ...value, x: 900 } }] }],
  }),
  archive('Label Studio: a file that is cut', {
    ...{ 'a.jpg': photo, 'tasks.json': JSON.stringify([good, good]).slice(0, -20) },
  }),
]
