import { rm } from 'node:fs/promises'
import { openCipher } from '@ymir/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobFolders } from '../contract/layout.ts'
import { anImage } from '../testing/own-image.ts'
import { readLog } from '../log/read-log.ts'
import { aPlatform, aTraining, type Platform } from '../testing/platform.ts'
import { aMember, serve, type Served } from '../testing/served.ts'
import { Secrets } from './secrets.ts'

const token = 'tok-3n/hidden?'
const script = `
printf 'the token is tok-3n'; sleep 0.3; printf '/hidden?\\n'
printf '%s' '${token}' | head -c 100 >&2; echo ' in an error' >&2
echo 'as base64 ${Buffer.from(`u:${token}`).toString('base64')} and a zero: \\0000' | sed 's/\\\\0000/\\x00/'
printf 't\\t1\\t0.5\\t4\\t160004\\tcannot use %s\\n' '${token}' > "$YMIR_OUT/monitor.txt"
sleep 0.7
exit 3
`

let image: string
let platform: Platform
let served: Served
beforeAll(async () => {
  image = await anImage(script)
  platform = await aPlatform({ reference: image })
  served = await serve(platform)
})
afterAll(async () => {
  await served.stop()
  await platform.close()
  await rm(image, { recursive: true })
})

const register = (name: string, value: string, as?: Parameters<Served['ask']>[2]) =>
  served.ask(
    'mutation($input: RegisterSecretInput!) { registerSecret(input: $input) { secret { name } } }',
    { input: { name, value } },
    as,
  )

test('a secret is nowhere in what a job shows, also split over two writes, in base64 and beside a zero byte', async () => {
  await register('registry token', token)
  const id = await platform.request(await aTraining(platform))
  const { failure, message } = await platform.ends(id)

  // between the streams the order is as fine as the looks at them
  const { pieces } = await readLog(jobFolders(platform.jobsFolder, id).log, 0)
  const printed = (stream: string) =>
    pieces
      .filter((piece) => piece.stream === stream)
      .map(({ text }) => text)
      .join('')
  expect(printed('STDOUT')).toContain('the token is ***\n')
  expect(printed('STDERR')).toContain('*** in an error\n')
  expect(printed('STDOUT')).toMatch(/as base64 \S{0,4}\*\*\*\S{0,4} and a zero: \0/)
  expect(message).toBe('cannot use ***')
  expect(failure).toMatchObject({ code: 'USER_CODE', exitCode: 3 })
  expect(failure?.message).toMatch(/cannot use \*\*\*$/)
  expect(failure?.logTail).toContain('and a zero: \ufffd')
  const said = JSON.stringify([platform.telemetry, await platform.events(id), failure])
  expect(said).not.toMatch(/hidden/)
  expect(platform.telemetry.some(({ data }) => data.message === 'cannot use ***')).toBe(true)
})

test('secrets are stored encrypted and told by name only; administrators register and remove them', async () => {
  await register('another', 'another-secret')
  const { secrets } = await served.ask<{ secrets: object[] }>('{ secrets { name registeredAt } }')
  expect(secrets).toMatchObject([{ name: 'another' }, { name: 'registry token' }])
  const rows = JSON.stringify(await platform.database.query('select * from secrets'))
  expect(rows).not.toContain(Buffer.from('another-secret').toString('hex'))
  expect(rows).not.toContain('another-secret')

  await expect(register('mine', 'my-own-secret', aMember())).rejects.toThrow('FORBIDDEN')
  await expect(served.ask('{ secrets { name } }', {}, aMember())).rejects.toThrow('FORBIDDEN')
  await expect(register('short', 'short')).rejects.toThrow('BAD_USER_INPUT: value')
  const remove = 'mutation { removeSecret(input: { name: "another" }) { name } }'
  await served.ask(remove)
  await expect(served.ask(remove)).rejects.toThrow('NOT_FOUND')
  expect(platform.secrets.mask().text('another-secret')).toBe('another-secret')
})

test('after a restart secrets are masked again; with another key of the platform they are not, and the service starts', async () => {
  const again = await Secrets.open(platform.database, openCipher('of a test', 'secrets'))
  expect(again.mask().text(token)).toBe('***')
  const other = await Secrets.open(platform.database, openCipher('of another platform', 'secrets'))
  expect(other.mask().text(token)).toBe(token)
})
