import { expect, test } from 'vitest'
import { parseMonitor } from './monitor.ts'

const told = (progress: number, more: object = {}) => ({
  progress,
  state: 2,
  errorCode: undefined,
  message: undefined,
  ...more,
})

test.each([
  ['four fields', 't1\t1663934682\t0.25\t2\n', told(0.25)],
  [
    'five fields, the fifth a message',
    't1\t1663934682\t0.25\t2\tepoch 3 of 12\n',
    told(0.25, { message: 'epoch 3 of 12' }),
  ],
  [
    'five fields, the fifth an error code',
    't1\t1663934682\t0.25\t4\t300103\n',
    told(0.25, { state: 4, errorCode: 300103 }),
  ],
  [
    'six fields, and a stack trace on further lines',
    't1\t1663934682\t0.25\t4\t300002\tno data\nTraceback:\n  File "train.py", line 1\n',
    told(0.25, { state: 4, errorCode: 300002, message: 'no data' }),
  ],
  ['error code 0, which is none', 't1\t1663934682\t1\t3\t0\t\n', told(1, { state: 3 })],
  [
    'spaces for tabs',
    't1 1663934682  0.5 2 300001 bad learning rate\n',
    told(0.5, { errorCode: 300001, message: 'bad learning rate' }),
  ],
  ['seconds with a fraction, as Python writes them', 't1\t1663934682.123\t0.5\t2', told(0.5)],
  ['Windows line ends', 't1\t1663934682\t0.5\t2\r\n', told(0.5)],
  ['progress beyond the whole', 't1\t1663934682\t1.0000001\t2', told(1)],
  ['progress below nothing', 't1\t1663934682\t-1\t1', told(0, { state: 1 })],
  ['no state yet', 't1\t1663934682\t0.5', told(0.5, { state: undefined })],
])('monitor.txt with %s is read', (_, text, report) => {
  expect(parseMonitor(text)).toEqual(report)
})

test.each([
  ['empty', ''],
  ['cut within the time', 't1\t16639'],
  ['cut before the progress', 't1\t1663934682\t'],
  ['of bytes that mean nothing', '\0\ufffd\ufffd half of nothi'],
  ['with a progress that is no number', 't1\t1663934682\tnan\t2'],
])('monitor.txt that is %s tells nothing', (_, text) => {
  expect(parseMonitor(text)).toBeUndefined()
})
