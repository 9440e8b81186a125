import { createRequire } from 'node:module'
import { defineConfig } from 'vitest/config'

const require = createRequire(import.meta.url)

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: require.resolve('graphql/index.js') }] },
  test: {
    include: ['{libs,services,gateway,web,proto-events,executors,deploy,bench,test}/**/*.test.ts'],
    globalSetup: ['deploy/testing/global-setup.ts'],
    setupFiles: ['deploy/testing/nats-of-file.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
