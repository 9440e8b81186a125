import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isAncestor, logOrder, mergeBases, type VersionGraph } from './graph.ts'

const hasGit = spawnSync('git', ['--version']).status === 0

/** Parents of each node are among those before it. */
const graphs: fc.Arbitrary<number[][]> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 2, maxLength: 14 })
  .map((nodes) =>
    nodes.map((picks, index) => [...new Set(index === 0 ? [] : picks.map((pick) => pick % index))]),
  )

const firstTime = 1_700_000_000

function asVersions(parents: number[][]): VersionGraph {
  return new Map(
    parents.map((of, index) => [`${index}`, { parents: of.map(String), time: (firstTime + index) * 1_000 }]),
  )
}

// where git is missing, these are reported as skipped
describe.skipIf(!hasGit)('versions are to each other what commits are to git', { timeout: 120_000 }, () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ymir-lineage-'))
    execFileSync('git', ['init', '--quiet', '--bare', folder])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const git = (...words: string[]) => spawnSync('git', ['--git-dir', folder, ...words], { encoding: 'utf8' })
  const linesOf = (text: string) => text.split('\n').filter(Boolean)

  /** Makes a commit of each node; gives their names. */
  function commit(parents: number[][]): string[] {
    const marks = join(folder, 'marks')
    const stream = parents.map((of, index) => {
      const [first, ...others] = of.map((parent) => `:${parent + 1}`)
      return (
        `reset refs/heads/n${index}\n\ncommit refs/heads/n${index}\nmark :${index + 1}\n` +
        `committer Y <y@example.org> ${firstTime + index} +0000\ndata 0\n` +
        (first ? `from ${first}\n` : '') +
        others.map((other) => `merge ${other}\n`).join('')
      )
    })
    execFileSync(
      'git',
      ['--git-dir', folder, 'fast-import', '--quiet', '--force', `--export-marks=${marks}`],
      {
        input: `${stream.join('\n')}\n`,
      },
    )
    const names = new Map(
      linesOf(readFileSync(marks, 'utf8')).map((line) => line.split(' ') as [string, string]), // mark, name
    )
    return parents.map((_, index) => names.get(`:${index + 1}`)!)
  }

  const someGraphs = { numRuns: 10 } // each asks git in processes of their own

  test('ancestors', () =>
    fc.assert(
      fc.property(graphs, fc.nat(), (parents, pick) => {
        const [graph, names] = [asVersions(parents), commit(parents)]
        const descendant = pick % parents.length
        const inGit = linesOf(git('rev-list', names[descendant]!).stdout)
        names.forEach((name, index) =>
          expect(isAncestor(graph, `${index}`, `${descendant}`)).toBe(inGit.includes(name)),
        )
      }),
      someGraphs,
    ))

  test('nearest common ancestors, all of them', () =>
    fc.assert(
      fc.property(graphs, (parents) => {
        const [graph, names] = [asVersions(parents), commit(parents)]
        for (let one = 0; one < parents.length; one++)
          for (let other = Math.max(0, one - 2); other < one; other++) {
            const inGit = linesOf(git('merge-base', '--all', names[one]!, names[other]!).stdout)
            expect(mergeBases(graph, `${one}`, `${other}`)).toEqual(
              inGit.map((name) => `${names.indexOf(name)}`).sort(),
            )
          }
      }),
      someGraphs,
    ))

  test('the order of the log', () =>
    fc.assert(
      fc.property(graphs, fc.nat(), fc.nat(), (parents, first, second) => {
        const [graph, names] = [asVersions(parents), commit(parents)]
        const heads = [first % parents.length, second % parents.length]
        const inGit = linesOf(
          git('log', '--date-order', '--format=%H', ...heads.map((head) => names[head]!)).stdout,
        )
        expect(logOrder(graph, heads.map(String))).toEqual(inGit.map((name) => `${names.indexOf(name)}`))
      }),
      someGraphs,
    ))
})

test('crossed histories have two nearest common ancestors, strangers none', () => {
  // 0 and 1 are merged twice, as 2 and as 3
  const graph = asVersions([[], [], [0, 1], [1, 0], []])
  expect(mergeBases(graph, '2', '3')).toEqual(['0', '1'])
  expect(mergeBases(graph, '2', '4')).toEqual([])
  expect(mergeBases(graph, '2', '0')).toEqual(['0'])
})
