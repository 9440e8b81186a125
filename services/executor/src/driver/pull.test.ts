import { expect, test } from 'vitest'
import { PullProgress, registryOf } from './pull.ts'

test.each([
  ['yolov5', 'docker.io'],
  ['youdaoyzbx/ymir-executor:1.1', 'docker.io'],
  ['ghcr.io/team/yolov5:1', 'ghcr.io'],
  ['127.0.0.1:5000/yolov5', '127.0.0.1:5000'],
  ['localhost/yolov5:1', 'localhost'],
  ['registry.example.org/a/b@sha256:00', 'registry.example.org'],
])('the registry of %s is %s', (reference, registry) => {
  expect(registryOf(reference)).toBe(registry)
})

test('the progress of a pull counts bytes of layers, waits for sizes that are not known, and never goes back', () => {
  const progress = new PullProgress()
  const layer = (id: string, status: string, current?: number, total?: number) =>
    progress.add({ id, status, progressDetail: { current, total } })
  expect(progress.add({ status: 'Pulling from team/sample' })).toBe(0)
  layer('a', 'Pulling fs layer')
  layer('b', 'Pulling fs layer')
  expect(layer('a', 'Downloading', 10, 100)).toBe(0.05)
  expect(layer('a', 'Downloading', 100, 100)).toBe(0.5)
  // the second layer turns out to be large
  expect(layer('b', 'Downloading', 0, 900)).toBe(0.5)
  expect(layer('a', 'Extracting', 3, 100)).toBe(0.5)
  expect(layer('b', 'Downloading', 650, 900)).toBe(0.75)
  expect(layer('b', 'Pull complete')).toBe(1)
})
