import { createProjectGraphAsync } from '@nx/devkit'
import nx from '@nx/eslint-plugin'
import i18next from 'eslint-plugin-i18next'
import hooks from 'eslint-plugin-react-hooks'
import typescript from 'typescript-eslint'

// The boundary rule reads nx's graph of projects from a cache in .nx and, where there is none (a fresh clone), skips
// itself with a warning. So the graph is made here, each time, without a daemon that would outlive the lint run.
process.env.NX_DAEMON = 'false'
await createProjectGraphAsync({ exitOnError: false })

/** Who may import whom (ARCHITECTURE.md); the tags stand under `nx.tags` in each workspace's package.json. */
const boundaries = [
  { sourceTag: 'type:events', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:events', 'type:lib'] },
  { sourceTag: 'type:service', onlyDependOnLibsWithTags: ['type:events', 'type:lib'] },
  { sourceTag: 'type:gateway', onlyDependOnLibsWithTags: ['type:events', 'type:lib'] },
  { sourceTag: 'type:web', onlyDependOnLibsWithTags: [] },
  { sourceTag: 'type:executor', onlyDependOnLibsWithTags: ['lib:detection'] },
  { sourceTag: 'type:deploy', onlyDependOnLibsWithTags: ['type:events', 'type:lib'] },
  { sourceTag: 'type:bench', onlyDependOnLibsWithTags: ['*'] },
  { sourceTag: 'type:test', onlyDependOnLibsWithTags: ['*'] },
]

export default typescript.config(
  {
    ignores: [
      '**/node_modules/',
      '**/generated/',
      '**/*.generated.ts',
      '**/dist/',
      '**/ymir-data*/',
      '.nx/',
      '.ymir-build/',
    ],
  },
  ...typescript.configs.recommended,
  {
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        { depConstraints: boundaries, enforceBuildableLibDependency: false, allow: [] },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Services and the gateway have no door (no `exports`), so the rule above does not see an import by their name.
    files: ['{proto-events,libs,services,gateway,web,executors,deploy}/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^@ymir/(identity|dataset|model|mining|labeling|executor|gateway)(/|$)',
              message: 'Nobody imports a service or the gateway: speak to it through events or the graph.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['web/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': hooks, i18next },
    rules: {
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      // every word that a person reads stands in the catalogues (web/src/words)
      'i18next/no-literal-string': [
        'error',
        {
          mode: 'jsx-only',
          'jsx-attributes': {
            include: ['label', 'title', 'description', 'placeholder', 'alt', 'aria-label', 'error'],
          },
          words: { exclude: ['[^\\p{L}]*', '.*[{}].*'] },
        },
      ],
    },
  },
)
