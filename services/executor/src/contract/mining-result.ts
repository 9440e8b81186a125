import { JobProblem } from '../job/failure.ts'
import type { Candidates } from './candidates.ts'
import { inImage } from './layout.ts'

export interface AssetScore {
  readonly assetId: string
  readonly score: number
}

/**
 * Reads /out/result.tsv, `image path<TAB>score` on each line, in whatever order.
 * @returns highest first, equals in the file's order; an asset named twice keeps its highest score
 * @throws JobProblem CONTRACT_VIOLATION with the line
 */
export function parseMiningResult(text: string, candidates: Candidates): AssetScore[] {
  const scores = new Map<string, number>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue
    const [, path, scoreText] = /^(.*\S)\s+(\S+)\s*$/.exec(line) ?? []
    const score = Number(scoreText)
    if (path === undefined || !Number.isFinite(score))
      throw violation(index + 1, `"${line}" is not "image path<TAB>score"`)
    const assetId = candidates.find(path.trim())
    if (!assetId) throw violation(index + 1, `"${path}" is not in ${inImage.candidateIndex}`)
    scores.set(assetId, Math.max(score, scores.get(assetId) ?? -Infinity))
  }
  if (scores.size === 0) throw violation(1, `no scores, though the job had ${candidates.count} candidates`)
  return [...scores].map(([assetId, score]) => ({ assetId, score })).sort((a, b) => b.score - a.score)
}

function violation(line: number, problem: string): JobProblem {
  return new JobProblem('CONTRACT_VIOLATION', `${inImage.miningResult}:${line}: ${problem}`)
}
