/** What our tests use of s3rver, which has no types. */
declare module 's3rver' {
  export default class S3rver {
    constructor(options: {
      address: string
      port: number
      silent: boolean
      directory: string
      configureBuckets: readonly { name: string; configs: readonly string[] }[]
    })
    /** `ObjectCreated:Post`: of an upload in parts. */
    on(
      event: 'event',
      listener: (event: { Records: [{ eventName: string; s3: { object: { key: string } } }] }) => void,
    ): this
    run(): Promise<{ port: number }>
    close(): Promise<void>
  }
}
