// A labelling vendor: hears of tasks and sends results over NATS, fetches images over HTTP. Needs Node and the package `nats`.
//
//   YMIR_URL=http://127.0.0.1:12001 YMIR_TOKEN=ymir_v_... VENDOR_ID=... NATS_URL=127.0.0.1:4222 NATS_SEED=SU... node nats-vendor.mjs
import { connect, nkeyAuthenticator } from 'nats'

const { YMIR_URL, YMIR_TOKEN, VENDOR_ID, NATS_URL, NATS_SEED } = process.env

const nats = await connect({
  servers: NATS_URL,
  authenticator: nkeyAuthenticator(new TextEncoder().encode(NATS_SEED)),
  inboxPrefix: `_INBOX_${VENDOR_ID}`, // the only subjects on which it may hear answers
  ...{ waitOnFirstConnect: true, maxReconnectAttempts: -1 },
  ignoreAuthErrorAbort: true, // the server hears of a new key a second after it was made
})
const stream = nats.jetstream()

async function ask(path) {
  const answer = await fetch(YMIR_URL + path, { headers: { authorization: `Bearer ${YMIR_TOKEN}` } })
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`)
  return answer
}

/** Stands for people: takes what is drawn already, else what a model is sure of. */
async function label({ id, imagePath, nextRevision, predictions, annotations }) {
  await (await ask(imagePath)).arrayBuffer()
  const sure = predictions.filter(({ score }) => score >= 0.5).map(({ label, box }) => ({ label, box }))
  return { itemId: id, revision: nextRevision, annotations: annotations.length ? annotations : sure }
}

async function work({ labellingTaskId, itemsPath }) {
  for (let after = ''; after !== null;) {
    const page = await (await ask(`${itemsPath}?first=100${after && `&after=${after}`}`)).json()
    const results = []
    for (const item of page.items) results.push(await label(item))
    const first = page.items[0]
    if (!first) return
    // the same id when the same work is sent again: the server takes it once
    const msgID = `${VENDOR_ID} ${first.id} ${first.nextRevision}`
    await stream.publish(`ymir.vendor.${VENDOR_ID}.results`, JSON.stringify({ labellingTaskId, results }), {
      msgID,
    })
    after = page.next
  }
}

const consumer = await stream.consumers.get('YMIR_VENDORS', `vendor-${VENDOR_ID}`)
console.log('listening')
for await (const message of await consumer.consume({ max_messages: 8 })) {
  const said = message.json()
  try {
    if (message.headers?.get('ce-type') === 'ymir.vendor_task.results_recorded.v1')
      console.log('outcomes:', JSON.stringify(said.outcomes), said.problem)
    else if (said.state === 'OPEN') await work(said)
    message.ack()
  } catch (error) {
    console.log('will come again:', String(error))
    message.nak(5_000)
  }
}
