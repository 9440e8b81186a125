import { expect, test } from 'vitest'
import { roundsAsCsv } from './rounds-csv.ts'

const round = {
  ...{ round: 1, poolCount: 1161, trainingCount: 140, map50: 0.9094, change: -0.01, iteration: null },
  model: { id: 'm', name: 'first "good", round 1' },
}

test('a line for each round, with figures that every spreadsheet reads', () => {
  expect(roundsAsCsv([round])).toBe(
    'round,pool,training,map50,change,model\r\n1,1161,140,0.9094,-0.01,"first ""good"", round 1"\r\n',
  )
})

test('a name is no formula, and what is not known is empty', () => {
  const csv = roundsAsCsv([{ ...round, map50: null, change: null, model: { id: 'm', name: '=1+1' } }])
  expect(csv).toContain('1,1161,140,,,"\'=1+1"')
})
