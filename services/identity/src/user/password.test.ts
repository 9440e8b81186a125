import { expect, test } from 'vitest'
import { checkPassword, hashPassword, isPasswordOf } from './password.ts'

test('a hash knows its own password and no other', async () => {
  const stored = await hashPassword('correct horse battery')
  expect(stored).toMatch(/^scrypt\$15\$8\$3\$/)
  expect(await isPasswordOf(stored, 'correct horse battery')).toBe(true)
  expect(await isPasswordOf(stored, 'correct horse batterY')).toBe(false)
})

test('equal passwords have different hashes', async () => {
  const [one, other] = await Promise.all([
    hashPassword('correct horse battery'),
    hashPassword('correct horse battery'),
  ])
  expect(one).not.toBe(other)
})

test('a hash made at another cost is still understood (RFC 7914, section 12)', async () => {
  const salt = Buffer.from('NaCl').toString('base64')
  const derived = 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' // first 32 of 64 bytes
  const stored = `scrypt$10$8$16$${salt}$${Buffer.from(derived, 'hex').toString('base64')}`
  expect(await isPasswordOf(stored, 'password')).toBe(true)
})

test('the same letters typed composed or not are the same password', async () => {
  const stored = await hashPassword('caf\u00e9 au lait, s\u2019il')
  expect(await isPasswordOf(stored, 'cafe\u0301 au lait, s\u2019il')).toBe(true)
})

test.each([
  ['short', '123456789', /9 characters; use at least 10/],
  ['long', 'ab c'.repeat(51), /204 characters; use at most 200/],
  ['monotonous', 'aaaaaaaaaaaaaaa', /repeats/],
  ['the e-mail', 'Ada@Example.org', /your e-mail/],
])('a password that is %s is refused with the reason', (_, password, reason) => {
  expect(() => checkPassword(password, 'ada@example.org')).toThrow(reason)
  expect(() => checkPassword(password, 'ada@example.org')).toThrow(
    expect.objectContaining({ extensions: { code: 'WEAK_PASSWORD', field: 'password' } }),
  )
})

test('ten different characters do', () => {
  expect(() => checkPassword('abcdefghij', 'ada@example.org')).not.toThrow()
  expect(() => checkPassword('我们一起训练模型并标注', 'ada@example.org')).not.toThrow()
})
