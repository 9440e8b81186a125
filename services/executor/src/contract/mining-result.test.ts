import { expect, test } from 'vitest'
import { Candidates } from './candidates.ts'
import { parseMiningResult } from './mining-result.ts'

const candidates = new Candidates(['/in/assets/aa/1aa.jpg', '/in/assets/bb/2bb.png', '/in/assets/cc/3cc.jpg'])
const parse = (text: string, among = candidates) => parseMiningResult(text.split('\n'), among)

test('scores are sorted, highest first, equals in the order of the file, whatever the order written', async () => {
  const text = '/in/assets/bb/2bb.png\t0.1\n/in/assets/aa/1aa.jpg\t-3e-2\n/in/assets/cc/3cc.jpg\t0.1\n'
  expect(await parse(text)).toEqual([
    { assetId: '2bb', score: 0.1 },
    { assetId: '3cc', score: 0.1 },
    { assetId: '1aa', score: -0.03 },
  ])
})

test('spaces for the tab, blank lines, Windows line ends and base names are understood', async () => {
  expect(await parse('1aa.jpg   0.5\r\n\r\n/in/assets/bb/2bb.png 0.25  \r\n')).toEqual([
    { assetId: '1aa', score: 0.5 },
    { assetId: '2bb', score: 0.25 },
  ])
})

test('an image named twice keeps its highest score, one that is not named has none', async () => {
  expect(await parse('1aa.jpg\t0.5\n2bb.png\t0.2\n/in/assets/aa/1aa.jpg\t0.7')).toEqual([
    { assetId: '1aa', score: 0.7 },
    { assetId: '2bb', score: 0.2 },
  ])
})

test('a path with spaces in it is a path', async () => {
  expect(await parse('/in/my images/a b.jpg\t1', new Candidates(['/in/my images/a b.jpg']))).toEqual([
    { assetId: 'a b', score: 1 },
  ])
})

test('images with one base name are told apart by their full paths', async () => {
  const twins = new Candidates(['/in/assets/x/same.jpg', '/in/assets/y/same.png', '/in/assets/z/same.jpg'])
  expect(await parse('/in/assets/x/same.jpg\t1', twins)).toEqual([{ assetId: 'same', score: 1 }])
  await expect(parse('same.jpg\t1', twins)).rejects.toThrow(
    '/out/result.tsv:1: "same.jpg" may be several images of /in/candidate-index.tsv: name it by its full path',
  )
})

test('a process may name images by their paths on this machine', async () => {
  const local = new Candidates(['/in/assets/aa/1aa.jpg', '/in/assets/bb/1aa.jpg'], '/jobs/7/in')
  expect(await parse('/jobs/7/in/assets/bb/1aa.jpg\t1', local)).toHaveLength(1)
})

test.each([
  ['a NaN', '1aa.jpg\t0.5\n2bb.png\tnan', '/out/result.tsv:2: the score "nan" is not a finite number'],
  [
    'an infinite score',
    '1aa.jpg\tInfinity',
    '/out/result.tsv:1: the score "Infinity" is not a finite number',
  ],
  ['no score', '1aa.jpg', '/out/result.tsv:1: "1aa.jpg" is not "image path<TAB>score"'],
  [
    'an image that was not asked for',
    '\n9zz.jpg\t1',
    '/out/result.tsv:2: "9zz.jpg" is no image of /in/candidate-index.tsv',
  ],
  ['nothing in it', '\n', '/out/result.tsv:1: no scores, though the job had 3 candidates'],
])('a result.tsv with %s is refused with its line', async (_, text, message) => {
  await expect(parse(text)).rejects.toMatchObject({ code: 'CONTRACT_VIOLATION', message })
})
