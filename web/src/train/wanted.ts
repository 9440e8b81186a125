import type { TrainProject } from './TrainPage.tsx'
import type { SetNameFragment } from '../model/model.generated.ts'

/** The newest version of each dataset, and those that models were tested on. */
export function versionsOf(project: TrainProject): SetNameFragment[] {
  const newest = project.datasets.edges.flatMap(({ node: { latestVersion } }) => latestVersion ?? [])
  const tested = project.models.edges.map(({ node }) => node.testVersion)
  return [...new Map([...newest, ...tested].map((version) => [version.id, version])).values()]
}

/** The set to learn from: the one that was given, or the newest that has annotations. */
export function wantedTraining(project: TrainProject, givenId: string | null): string | null {
  if (givenId) return givenId
  const test = wantedTest(project)
  const labelled = project.datasets.edges
    .flatMap(({ node: { latestVersion } }) => latestVersion ?? [])
    .filter(({ annotationCount, id }) => annotationCount > 0 && id !== test)
    .sort((one, other) => Date.parse(other.createdAt) - Date.parse(one.createdAt))
  return labelled[0]?.id ?? null
}

/** The set to test with: the last one used, or else one that is called so. */
export function wantedTest(project: TrainProject): string | null {
  const last = project.models.edges[0]?.node.testVersion.id
  if (last) return last
  const named = project.datasets.edges.find(({ node }) => /\b(test|val|测试)/i.test(node.name))
  return named?.node.latestVersion?.id ?? null
}

/** A name that no model of the project has: the words with the next number. */
export function freeName(project: TrainProject, words: string): string {
  const taken = new Set(project.models.edges.map(({ node }) => node.name.toLowerCase()))
  for (let number = taken.size + 1; ; number++) {
    const name = `${words} ${number}`
    if (!taken.has(name.toLowerCase())) return name
  }
}
