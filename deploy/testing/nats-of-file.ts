import { expect, inject } from 'vitest'

// services of one test file must not hear, and answer, those of another
process.env.YMIR_TEST_NATS_URL = inject('natsUrls')[expect.getState().testPath ?? '']
