import { JobProblem } from '../job/failure.ts'
import type { Candidates } from './candidates.ts'
import { inImage } from './layout.ts'

export interface AssetScore {
  readonly assetId: string
  readonly score: number
}

/**
 * Reads /out/result.tsv, `image path<TAB>score` on each line, in whatever order. Candidates
 * that it does not name have no score.
 * @returns highest first, equals in the file's order; an asset named twice keeps its highest score
 * @throws JobProblem CONTRACT_VIOLATION with the line
 */
export async function parseMiningResult(
  lines: AsyncIterable<string> | Iterable<string>,
  candidates: Candidates,
): Promise<AssetScore[]> {
  const scores = new Map<string, number>()
  let number = 0
  for await (const line of lines) {
    number += 1
    if (line.trim() === '') continue
    const [, path, scoreText] = /^(.*\S)\s+(\S+)\s*$/.exec(line) ?? []
    if (path === undefined) throw violation(number, `"${line}" is not "image path<TAB>score"`)
    const score = Number(scoreText)
    if (!Number.isFinite(score)) throw violation(number, `the score "${scoreText}" is not a finite number`)
    const assetId = candidates.find(path.trim())
    if (!assetId) throw violation(number, candidates.whyNot(path.trim()))
    scores.set(assetId, Math.max(score, scores.get(assetId) ?? -Infinity))
  }
  if (scores.size === 0) throw violation(1, `no scores, though the job had ${candidates.count} candidates`)
  return [...scores].map(([assetId, score]) => ({ assetId, score })).sort((a, b) => b.score - a.score)
}

function violation(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.miningResult}:${line}: ${problem}`)
}
