import i18next from 'i18next'
import { beforeAll, expect, test } from 'vitest'
import type { StepState } from '../graph/schema.generated.ts'
import iterationInEnglish from '../iteration/iteration.en.json'
import iterationInChinese from '../iteration/iteration.zh.json'
import { stepNames } from '../iteration/next.ts'
import { formatsOf } from '../look/formats.ts'
import { tellCause } from './cause.ts'
import english from './plan.en.json'
import chinese from './plan.zh.json'

const words = i18next.createInstance()
beforeAll(() =>
  words.init({
    ...{ lng: 'en', ns: ['plan', 'iteration'], interpolation: { escapeValue: false } },
    resources: {
      en: { plan: english, iteration: iterationInEnglish },
      zh: { plan: chinese, iteration: iterationInChinese },
    },
  }),
)

type Plan = Parameters<typeof tellCause>[0]

const aRound = (round: number): Plan['rounds'][number] => ({
  ...{ round, map50: 0.5 + round / 10, change: 0.1, imageCount: 1_000, model: { id: 'm' } },
})
/** In its third round, after two that ended. */
const aPlan = (changes: Partial<Plan> = {}): Plan => ({
  ...{ cause: null, reason: 'the words of the service', rounds: [aRound(0), aRound(1), aRound(2)] },
  iterations: [inStep('SUCCEEDED', 2), inStep('WAITING')],
  ...changes,
})
/** A round whose third step is in a state. */
const inStep = (state: StepState, round = 3): Plan['iterations'][number] => ({
  ...{ id: state, round, state },
  steps: stepNames.map((name, place) => ({
    name,
    state: place < 2 ? 'SUCCEEDED' : place > 2 ? 'WAITING' : state,
  })),
})
const tell = (changes: Partial<Plan>, language = 'en') =>
  tellCause(aPlan(changes), words.getFixedT(language, ['plan', 'iteration']), formatsOf(language))

test('at a gate a plan tells before which step of which round it waits', () => {
  expect(tell({ cause: 'GATE' })).toEqual({ words: 'Round 3 waits for a person before its next step: Label' })
  expect(tell({ cause: 'GATE' }, 'zh')).toEqual({ words: '第 3 轮在“标注”前等待人工确认' })
})

test('a plan that stopped tells what its rounds came to, whatever its rule is now', () => {
  expect(tell({ cause: 'TARGET_REACHED' }).words).toBe('The target is reached: mAP 70.0%')
  expect(tell({ cause: 'NO_GAIN' }).words).toBe(
    'The last rounds brought no gain beyond the noise of the test set',
  )
  expect(tell({ cause: 'ROUNDS_SPENT' }).words).toBe('The budget is spent: 2 rounds')
  expect(tell({ cause: 'IMAGES_SPENT' }).words).toBe('The budget is spent: 2,000 images')
  expect(tell({ cause: 'TARGET_REACHED' }, 'zh').words).toBe('已达到目标：mAP 70.0%')
  expect(tell({ cause: 'NO_GAIN' }, 'zh').words).toBe('最近几轮没有超出测试集噪声的提升')
  expect(tell({ cause: 'ROUNDS_SPENT' }, 'zh').words).toBe('预算已用完：2 轮')
  expect(tell({ cause: 'IMAGES_SPENT' }, 'zh').words).toBe('预算已用完：2,000 张图像')
})

test('of a failure the problem follows in the words of the service, of a stopped step it does not', () => {
  const text = 'the words of the service'
  const [failed, stopped] = [[inStep('FAILED')], [inStep('CANCELLED')]]
  expect(tell({ cause: 'STEP_FAILED', iterations: failed })).toEqual({ words: 'Round 3: Label failed', text })
  expect(tell({ cause: 'STEP_FAILED', iterations: failed }, 'zh')).toEqual({
    ...{ words: '第 3 轮：“标注”失败', text },
  })
  expect(tell({ cause: 'REFUSED' }, 'zh')).toEqual({ words: '无法继续', text })
  expect(tell({ cause: 'STEP_CANCELLED', iterations: stopped }, 'zh')).toEqual({
    words: '第 3 轮：“标注”已停止',
  })
})

test('what the service alone can tell stays in its words: of older plans, and of a step that ran again by hand', () => {
  const text = 'the words of the service'
  expect(tell({})).toEqual({ text })
  expect(tell({ cause: 'STEP_CANCELLED', iterations: [inStep('SUCCEEDED')] }, 'zh')).toEqual({ text })
  expect(tell({ reason: null })).toEqual({ text: null })
})
