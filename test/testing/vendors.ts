import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@ymir/service'
import type { ApiClient } from './client.ts'

/** The sample vendors of docs/vendors.md. */
export const samples = fileURLToPath(new URL('../../docs/vendors/', import.meta.url))

export interface MadeVendor {
  readonly vendor: { readonly id: string }
  readonly token: string
  readonly webhookSecret: string
  readonly natsSeed: string
}

/** @param input what CreateVendorInput takes */
export async function createVendor(client: ApiClient, input: object): Promise<MadeVendor> {
  const query = `mutation ($input: CreateVendorInput!) {
    createVendor(input: $input) { vendor { id } token webhookSecret natsSeed }
  }`
  return (await client.ask<{ createVendor: MadeVendor }>(query, { input })).createVendor
}

/** What a sample vendor is told of the platform it works for. */
interface Addresses {
  readonly gatewayUrl: string
  readonly natsUrl: string
}

/** Runs sample vendors, and ends them. */
export class SampleVendors {
  private readonly programs: ChildProcess[] = []

  /** The one in Python, which listens for webhooks. @returns what it has printed so far */
  byWebhook({ gatewayUrl }: Addresses, made: MadeVendor, port: number): () => string {
    return this.run('python3', 'webhook_vendor.py', {
      ...{ YMIR_URL: gatewayUrl, YMIR_TOKEN: made.token },
      ...{ WEBHOOK_SECRET: made.webhookSecret, PORT: String(port) },
    })
  }

  /** The one over NATS. @returns what it has printed so far */
  byNats({ gatewayUrl, natsUrl }: Addresses, made: MadeVendor): () => string {
    return this.run(process.execPath, 'nats-vendor.mjs', {
      ...{ YMIR_URL: gatewayUrl, YMIR_TOKEN: made.token, VENDOR_ID: made.vendor.id },
      ...{ NATS_URL: new URL(natsUrl).host, NATS_SEED: made.natsSeed },
    })
  }

  stop(): void {
    for (const program of this.programs) program.kill()
  }

  private run(program: string, file: string, environment: Readonly<Record<string, string>>): () => string {
    const child = spawn(program, [join(samples, file)], { env: { ...process.env, ...environment } })
    this.programs.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (said += bytes.toString()))
    return () => said
  }
}

export function whenSaid(words: string, said: () => string): Promise<true> {
  return waitUntil(`the vendor to say "${words}"`, () => said().includes(words) || undefined, {
    timeoutMs: 60_000,
  })
}
