/** An event, its subject or its definition breaks the contract: a fault in the program that made it. */
export class InvalidEvent extends Error {
  readonly code = 'INVALID_EVENT'
  override readonly name = 'InvalidEvent'
}
