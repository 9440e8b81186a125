import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { newWebhookSecret, signWebhook } from './signature.ts'

const body = '{"type":"ymir.vendor_task.changed.v1","data":{"name":"Steine 🧱"}}'
const message = { id: 'a9f3', body, sentAt: new Date() }

test('the library of Standard Webhooks verifies our signature, also of the earlier secret while both sign', () => {
  const [now, before] = [newWebhookSecret(), newWebhookSecret()]
  const headers = signWebhook(message, [now, before])
  expect(new Webhook(now).verify(body, headers)).toEqual(JSON.parse(body))
  expect(new Webhook(before).verify(body, headers)).toEqual(JSON.parse(body))
  expect(() => new Webhook(newWebhookSecret()).verify(body, headers)).toThrow('No matching signature')
  expect(() => new Webhook(now).verify(body.replace('name', 'mane'), headers)).toThrow(
    'No matching signature',
  )
})

test('the signature is the one of the vector that the libraries of Standard Webhooks share', () => {
  const headers = signWebhook(
    { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', sentAt: new Date(1_614_265_330_000) },
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  )
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
})
