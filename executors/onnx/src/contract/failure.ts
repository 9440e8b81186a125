/** Failures that the contract has a number for; a caller shows them in words. */

export type FailureKind =
  | 'CONFIGURATION'
  | 'NO_DATA'
  | 'UNREADABLE_IMAGE'
  | 'MISSING_MODEL'
  | 'UNSUPPORTED_OBJECT_TYPE'
  | 'NOT_A_NUMBER'
  | 'OTHER'

/** The numbers of the YMIR executor SDK. */
export const failureCode: Record<FailureKind, number> = {
  CONFIGURATION: 300001,
  NO_DATA: 300002,
  UNREADABLE_IMAGE: 300003,
  MISSING_MODEL: 300004,
  UNSUPPORTED_OBJECT_TYPE: 300005,
  NOT_A_NUMBER: 300201,
  OTHER: 160004,
}

export class ExecutorFailure extends Error {
  override readonly name = 'ExecutorFailure'

  /** @param message what, where and what to do */
  constructor(
    readonly kind: FailureKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }

  get code(): number {
    return failureCode[this.kind]
  }
}
