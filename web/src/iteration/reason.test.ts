import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import { formatsOf } from '../look/formats.ts'
import english from './iteration.en.json'
import chinese from './iteration.zh.json'
import { wordsOfReason } from './reason.ts'

const words = i18next.createInstance()
beforeAll(() =>
  words.init({
    ...{ lng: 'en', ns: ['iteration'], interpolation: { escapeValue: false } },
    resources: { en: { iteration: english }, zh: { iteration: chinese } },
  }),
)

type Reason = NonNullable<Parameters<typeof wordsOfReason>[0]['reason']>
const nothing: Omit<Reason, 'strategy'> = {
  ...{ label: null, probability: null, secondLabel: null, secondProbability: null },
  ...{ nearestDistance: null, clusterSize: null, labelledBoxes: null, forShareOf: null },
}
const why = (reason: Pick<Reason, 'strategy'> & Partial<Reason>, language = 'en', score = 0.25) =>
  wordsOfReason(
    { score, reason: { ...nothing, ...reason } },
    words.getFixedT(language, 'iteration'),
    formatsOf(language),
    language,
  )

test('a reason is told by what its strategy goes by', () => {
  const brick = { label: 'brick', probability: 0.45 }
  expect(why({ strategy: 'ENTROPY', ...brick })).toEqual(['In doubt: brick 45.0%'])
  expect(why({ strategy: 'MARGIN', ...brick, secondLabel: 'plate', secondProbability: 0.4 })).toEqual([
    'brick 45.0% or plate 40.0%',
  ])
  expect(why({ strategy: 'CLASS_BALANCE', label: 'plate', labelledBoxes: 1 })).toEqual([
    'Rare: plate, 1 labelled box',
  ])
  expect(why({ strategy: 'CORE_SET', nearestDistance: 1.234 })).toEqual(['Unlike all known: distance 1.2'])
  expect(why({ strategy: 'TYPICLUST', clusterSize: 12 })).toEqual(['Typical of 12 alike images'])
  expect(why({ strategy: 'VIEW_DISAGREEMENT' })).toEqual(['Copies differ by 25.0%'])
  expect(why({ strategy: 'RANDOM', forShareOf: 'plate' }, 'zh')).toEqual([
    '随机抽取',
    '用于满足 plate 的份额',
  ])
})

test('an executor image that told nothing leaves nothing to say', () => {
  expect(why({ strategy: 'ENTROPY' })).toEqual([])
})
