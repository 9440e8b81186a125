import { DomainError } from '@ymir/graphql'
import { log, type Cipher } from '@ymir/service'
import type { DataSource } from 'typeorm'
import { Mask } from './mask.ts'
import { Secret } from './secret.entity.ts'

const most = 200

/** The secrets that administrators registered, and what masks them. */
export class Secrets {
  private readonly values = new Map<string, string>()
  private current = new Mask([])

  private constructor(
    private readonly database: DataSource,
    private readonly cipher: Cipher,
  ) {}

  static async open(database: DataSource, cipher: Cipher): Promise<Secrets> {
    const secrets = new Secrets(database, cipher)
    for (const { name, sealed } of await database.getRepository(Secret).find()) {
      try {
        secrets.values.set(name, cipher.decrypt(sealed))
      } catch {
        log.error(
          `secret "${name}" was registered under another YMIR_SECRET and is NOT masked: register it again`,
        )
      }
    }
    secrets.remask()
    return secrets
  }

  /** Masks what is registered at the moment. */
  readonly mask = (): Mask => this.current

  list(): Promise<Secret[]> {
    return this.database.getRepository(Secret).find({ order: { name: 'ASC' } })
  }

  /**
   * Registers a secret, or gives a registered one another value.
   * @throws DomainError CONFLICT when there are as many as can be masked at speed
   */
  async register(name: string, value: string): Promise<Secret> {
    const secrets = this.database.getRepository(Secret)
    const isNew = !(await secrets.existsBy({ name }))
    if (isNew && (await secrets.count()) >= most)
      throw new DomainError(
        'CONFLICT',
        `there are ${most} secrets already: remove one that is not used any more`,
      )
    const secret = await secrets.save({ name, sealed: this.cipher.encrypt(value), registeredAt: new Date() })
    this.values.set(name, value)
    this.remask()
    return secret
  }

  /** @returns whether there was such a secret */
  async remove(name: string): Promise<boolean> {
    const { affected } = await this.database.getRepository(Secret).delete({ name })
    this.values.delete(name)
    this.remask()
    return Boolean(affected)
  }

  private remask(): void {
    this.current = new Mask(this.values.values())
  }
}
