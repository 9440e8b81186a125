import type { Bus } from '@ymir/bus'
import { log, openCipher, type Cipher } from '@ymir/service'
import type { DataSource } from 'typeorm'
import type { LabellingTaskRow } from '../task/labelling-task.entity.ts'
import { Delivering } from './delivering.ts'
import { takeResults } from './heard-results.ts'
import { NatsUsers } from './nats-users.ts'
import { Outward } from './outward.ts'
import { reportStuck } from './stuck.ts'
import { VendorStream } from './vendor-stream.ts'
import { WebhookSender } from './webhook.ts'

const deliverEveryMs = 2_000
const lookForStuckEveryMs = 5_000
const forgetEveryMs = 60 * 60 * 1_000

export interface VendorDoorOptions {
  readonly database: DataSource
  readonly bus: Bus
  readonly natsUrl: string
  readonly home: string
  /** The platform's secret: what vendors are told is kept under a key derived from it. */
  readonly secret: string
  /** Whether vendors' addresses may be such that are not of the public Internet. */
  readonly allowPrivateUrls: boolean
  /** Told after the commit of results. */
  readonly onResults: (task: LabellingTaskRow) => void
}

/** All that goes to vendors and comes from them without being asked: webhooks, NATS, and the watch on silent ones. */
export class VendorDoors {
  private readonly timers: NodeJS.Timeout[] = []

  private constructor(
    private readonly options: VendorDoorOptions,
    readonly cipher: Cipher,
    /** How vendors' own addresses are reached. */
    readonly outward: Outward,
    private readonly stream: VendorStream,
    private readonly delivering: Delivering,
    private readonly users: NatsUsers,
  ) {}

  static async connect(options: VendorDoorOptions): Promise<VendorDoors> {
    const { database, natsUrl, home, secret } = options
    const cipher = openCipher(secret, 'secrets of vendors')
    const stream = await VendorStream.open(natsUrl)
    const outward = new Outward(options)
    const delivering = new Delivering({ database, cipher, webhooks: new WebhookSender(outward), stream })
    return new VendorDoors(options, cipher, outward, stream, delivering, new NatsUsers(home, database))
  }

  /** There may be something to tell: after a commit. */
  look = (): void => this.delivering.look()

  /** Goes on with what an earlier process left. */
  start = async (): Promise<void> => {
    const { database, bus, onResults } = this.options
    await this.users.write()
    this.stream.hear((vendorId, message) =>
      takeResults({ database, bus, stream: this.stream, onResults }, vendorId, message),
    )
    this.look()
    const watch = () =>
      reportStuck(database, bus).catch((error: unknown) => log.error('looking for stuck tasks', error))
    const forget = () =>
      this.delivering.forgetOld().catch((error: unknown) => log.error('forgetting old deliveries', error))
    this.timers.push(
      setInterval(this.look, deliverEveryMs),
      setInterval(() => void watch(), lookForStuckEveryMs),
      setInterval(() => void forget(), forgetEveryMs),
    )
  }

  /** A vendor's user of NATS is gone. */
  async shut(vendorId: string): Promise<void> {
    await this.users.write()
    await this.stream.forget(vendorId)
  }

  /** A vendor's user of NATS is new, or has another key. */
  async open(vendorId: string): Promise<void> {
    await this.stream.prepare(vendorId)
    await this.users.write()
  }

  stop = async (): Promise<void> => {
    this.timers.forEach(clearInterval)
    await this.delivering.stop()
    await this.stream.stop()
    await this.outward.close()
  }
}
