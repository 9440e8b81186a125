import { createRequire } from 'node:module'
import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Whole platforms take minutes each: they begin first, so that none is left over for the end. */
class PlatformsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isWhole = ({ moduleId }: TestSpecification) =>
      relative(import.meta.dirname, moduleId).startsWith('test/')
    return [...sorted.filter(isWhole), ...sorted.filter((file) => !isWhole(file))]
  }
}

const require = createRequire(import.meta.url)

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: require.resolve('graphql/index.js') }] },
  test: {
    include: ['{libs,services,gateway,web,proto-events,executors,deploy,bench,test}/**/*.test.ts'],
    globalSetup: ['deploy/testing/global-setup.ts'],
    setupFiles: ['deploy/testing/nats-of-file.ts'],
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: PlatformsFirst },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
  },
})
