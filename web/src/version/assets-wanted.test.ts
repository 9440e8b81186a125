import { expect, test } from 'vitest'
import { wantedOf, withWanted } from './assets-wanted.ts'

test.each([
  'any=disc&any=square&no=a%2Cb&annotations=2-5&largest=-40&order=-LARGEST_BOX',
  'tag=day&noTag=blurred&count=a%3Ab%3A1-&meta=camera%3D3%3D4&meta=weather&name=IMG_&width=640-640',
  'found=3f2a-b:0.3-0.65&foundLabel=disc&foundLabel=a%3Ab',
  'found=3f2a-b:0.5-',
  'found=3f2a-b:-',
])('an address says what is wanted and is written back as it was: %s', (text) => {
  const wanted = wantedOf(new URLSearchParams(text))
  expect([...withWanted(new URLSearchParams(), wanted)].sort()).toEqual([...new URLSearchParams(text)].sort())
})

test('every kind of wish is read', () => {
  const text = 'any=x&annotations=2-5&count=a%3Ab%3A1-&meta=camera%3D3%3D4&meta=weather&order=-LARGEST_BOX'
  expect(wantedOf(new URLSearchParams(text))).toEqual({
    filter: {
      anyLabels: ['x'],
      annotationCount: { min: 2, max: 5 },
      labelCounts: [{ label: 'a:b', min: 1 }],
      metadata: [{ key: 'camera', value: '3=4' }, { key: 'weather' }],
    },
    orderBy: { by: 'LARGEST_BOX', direction: 'DESCENDING' },
  })
})

test('what makes no sense wants nothing', () => {
  const text = 'any=&annotations=five&count=disc&order=WHATEVER&width=-&name=&found=:0-1&foundLabel=disc'
  expect(wantedOf(new URLSearchParams(text))).toEqual({ filter: null, orderBy: null })
  expect(wantedOf(new URLSearchParams('found=set:0.2-1.5')).filter).toBeNull()
})

test('another wish leaves the other parameters of the address alone', () => {
  const params = new URLSearchParams('set=1&any=disc&score=0.5')
  expect(withWanted(params, { filter: { noLabels: ['disc'] }, orderBy: null }).toString()).toBe(
    'set=1&score=0.5&no=disc',
  )
})
