import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { Credentials } from '../driver/pull.ts'
import { JobProblem } from '../job/failure.ts'
import { StoredCredentials } from './registry-credentials.entity.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Who pulls from which registry. Stored encrypted with AES-256-GCM under a key that is derived from the platform's
 * secret (HKDF-SHA-256), each bound to its registry; given to the engine only.
 */
export class RegistryCredentials {
  private readonly key: Buffer

  /** @param secret of the platform, as in its configuration */
  constructor(
    private readonly database: DataSource,
    secret: string,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'ymir executor: registry credentials', 32))
  }

  async set(registry: string, credentials: Credentials, actorId: string): Promise<StoredCredentials> {
    const sealed = this.seal(JSON.stringify(credentials), registry)
    return this.stored().save({ registry, sealed, setAt: new Date(), setBy: actorId })
  }

  /** @returns whether there were any */
  async remove(registry: string): Promise<boolean> {
    const { affected } = await this.stored().delete({ registry })
    return Boolean(affected)
  }

  list(): Promise<StoredCredentials[]> {
    return this.stored().find({ order: { registry: 'ASC' } })
  }

  /** @throws JobProblem PULL_FAILED when they were stored under another secret */
  of = async (registry: string): Promise<Credentials | undefined> => {
    const stored = await this.stored().findOneBy({ registry })
    if (!stored) return undefined
    try {
      return JSON.parse(this.open(stored.sealed, registry)) as Credentials // only `set` can have sealed it
    } catch {
      throw new JobProblem(
        'PULL_FAILED',
        `the credentials for ${registry} were stored under another secret`,
        {
          advice: `YMIR_SECRET has changed: an administrator sets the credentials for ${registry} anew with setRegistryCredentials.`,
        },
      )
    }
  }

  /** Nonce, tag, ciphertext. */
  private seal(text: string, registry: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(registry))
    const bytes = Buffer.concat([cipher.update(text), cipher.final()])
    return Buffer.concat([nonce, cipher.getAuthTag(), bytes])
  }

  private open(sealed: Buffer, registry: string): string {
    const nonce = sealed.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, this.key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(registry))
      .setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    const bytes = decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([bytes, decipher.final()]).toString()
  }

  private stored() {
    return this.database.getRepository(StoredCredentials)
  }
}
