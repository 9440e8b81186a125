import { expect, test } from 'vitest'
import { Candidates } from './candidates.ts'
import { parseMiningDetails, type AssetDetails } from './mining-details.ts'

const candidates = new Candidates(['/in/assets/aa/1aa.jpg', '/in/assets/bb/2bb.png'])

async function parse(...lines: (object | string)[]): Promise<AssetDetails[]> {
  const read: AssetDetails[] = []
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  for await (const one of parseMiningDetails(texts, candidates, 2)) read.push(one)
  return read
}

const box = { box: { x: 1, y: 2, w: 3, h: 4 }, probabilities: [0.7, 0.2] }
const ours = { box: { x: 1, y: 2, width: 3, height: 4 }, probabilities: [0.7, 0.2] }

test('a line names an image with its boxes, what was found on views of it, and its embedding and its heat maps', async () => {
  const views = [{ name: 'flip', boxes: [box] }]
  const maps = [{ columns: 2, rows: 1, values: [0.5, 1] }]
  const full = { image: '2bb.png', head: 'sigmoid', boxes: [box, box], views, embedding: [0.5, -1], maps }
  expect(await parse(full, '', { image: '/in/assets/aa/1aa.jpg', boxes: [] })).toEqual([
    {
      ...{ assetId: '2bb', head: 'SIGMOID', boxes: [ours, ours], embedding: [0.5, -1] },
      ...{ views: [{ name: 'flip', boxes: [ours] }], heatMaps: maps },
    },
    { assetId: '1aa', head: 'SOFTMAX', boxes: [], views: [] },
  ])
})

test.each([
  ['no JSON', '{"image": ', /mining-details\.jsonl:2: .*JSON/],
  ['an unknown image', { image: 'x.jpg', boxes: [] }, /:2: "x.jpg" is no image of/],
  ['a second line', { image: '1aa.jpg', boxes: [] }, /:2: "1aa.jpg" has a line already/],
  ['no boxes', { image: '2bb.png' }, /:2: boxes: /],
  ['another head', { image: '2bb.png', boxes: [], head: 'tanh' }, /:2: head: is neither softmax nor sigmoid/],
  [
    'too few probabilities',
    { image: '2bb.png', boxes: [{ ...box, probabilities: [1] }] },
    /:2: boxes\/0\/probabilities: has not the job's 2 classes/,
  ],
  [
    'a probability above 1',
    { image: '2bb.png', boxes: [{ ...box, probabilities: [0.5, 1.5] }] },
    /:2: boxes\/0\/probabilities\/1: is above 1/,
  ],
  [
    'a map with a cell too few',
    { image: '2bb.png', boxes: [], maps: [{ columns: 2, rows: 2, values: [0, 0, 1] }] },
    /:2: maps\/0: has not columns x rows values/,
  ],
  [
    'another embedding',
    { image: '2bb.png', boxes: [], embedding: [1, 2] },
    /has 2 dimensions, others have 1/,
  ],
])('%s is refused with its line', async (_, line, problem) => {
  await expect(parse({ image: '1aa.jpg', boxes: [], embedding: [1] }, line)).rejects.toThrow(problem)
})
