import { anImage, aVocFile } from '@ymir/dataset/testing'
import { waitUntil } from '@ymir/service'
import { beforeAll, expect, test } from 'vitest'
import { aDatasetProject, type DatasetProject } from '../testing/dataset.ts'
import { anExecutorImage, findADisc, leaveAModel } from '../testing/executor-image.ts'
import { trainModel, whenModelEnded } from '../testing/loop.ts'
import { signUp, type TestPlatform } from '../testing/platform.ts'
import { onePlatform } from './one-platform.ts'

let ymir: TestPlatform
let project: DatasetProject

beforeAll(async () => {
  ymir = await onePlatform()
  project = await aDatasetProject(ymir.client, 'predictions', ['disc', 'square'])
}, 120_000)

interface PredictionSet {
  readonly id: string
  readonly sourceKind: string
  readonly sourceId: string
  readonly assetCount: number
  readonly predictionCount: number
}

const setsOf = async (versionId: string) =>
  (
    await project.of<{ predictionSets: PredictionSet[] }>(
      versionId,
      'predictionSets { id sourceKind sourceId assetCount predictionCount }',
    )
  ).predictionSets

interface Assets {
  readonly assets: { readonly edges: { readonly node: { annotations: object[]; predictions: object[] } }[] }
}

/** Ground truth and predictions of each image. */
async function bothOf(versionId: string, setId: string, as = project) {
  const objects = 'label box { x y width height }'
  const { assets } = await as.of<Assets>(
    versionId,
    `assets { edges { node { annotations { ${objects} } predictions(setId: $setId) { score ${objects} } } } }`,
    { setId },
    ', $setId: ID!',
  )
  return assets.edges.map(({ node }) => node)
}

const confident = (score: number) => (voc: string) =>
  voc.replace('</bndbox>', `</bndbox><confidence>${score}</confidence>`)

test('predictions of files stand beside the ground truth, and never in it', async () => {
  const [one, two] = [await anImage({ tone: 600 }), await anImage({ tone: 601 })]
  const disc = aVocFile([{ name: 'disc', corners: [1, 2, 20, 30] }])
  const groundTruth = { 'images/1.jpg': one, 'images/2.jpg': two, 'gt/1.xml': disc }
  const alone = await project.versionOf(groundTruth)
  const found = aVocFile([{ name: 'square', corners: [5, 6, 24, 35] }])
  const published = {
    ...groundTruth,
    ...{ 'pred/1.xml': confident(0.25)(disc), 'pred/2.xml': confident(0.5)(found) },
    'pred/meta.yaml': 'eval_class_names: [disc]\n',
  }
  const { id, report, version } = await project.importedFiles(published)
  expect(report).toMatchObject({ format: 'YMIR', predictionCount: 2, problems: [] })
  expect(version?.root).toBe(alone.root)
  const [set, ...others] = await setsOf(version!.id)
  expect(others).toEqual([])
  expect(set).toMatchObject({ sourceKind: 'IMPORT', sourceId: id, assetCount: 2, predictionCount: 2 })

  const discBox = { x: 1, y: 2, width: 20, height: 29 }
  const squareBox = { x: 5, y: 6, width: 20, height: 30 }
  expect(await bothOf(version!.id, set!.id)).toEqual([
    {
      annotations: [{ label: 'disc', box: discBox }],
      predictions: [{ label: 'disc', score: 0.25, box: discBox }],
    },
    { annotations: [], predictions: [{ label: 'square', score: 0.5, box: squareBox }] },
  ])
  const grace = project.by(await signUp(ymir.client, 'gina@ymir.example'))
  await expect(bothOf(version!.id, set!.id, grace)).rejects.toMatchObject({
    extensions: { code: 'FORBIDDEN' },
  })
  await project.mutate('deleteDataset', { id: version!.dataset.id }, 'id')
  await expect(bothOf(alone.id, set!.id)).rejects.toMatchObject({ extensions: { code: 'NOT_FOUND' } })
})

/** A Pascal VOC file of boxes with a confidence each. */
function scored(objects: readonly (readonly [name: string, score: number])[]): string {
  const boxes = objects.map(([name], index) => ({ name, corners: [1 + index * 20, 1, 15 + index * 20, 20] }))
  const scores = objects.map(([, score]) => score)
  return aVocFile(boxes).replace(/<\/bndbox>/g, (end) => `${end}<confidence>${scores.shift()}</confidence>`)
}

test('images are found by the scores of what a model says of them, and a version is made of the same', async () => {
  const found = [
    [
      ['disc', 0.25],
      ['disc', 0.75],
    ], // 0
    [['square', 0.5]], // 1
    [
      ['disc', 0.5],
      ['square', 1],
    ], // 2
    [], // 3
  ] as const
  const files: Record<string, Buffer | string> = {}
  for (const [index, objects] of found.entries()) {
    files[`images/${index}.jpg`] = await anImage({ tone: 610 + index, width: 64 + index })
    if (objects.length) files[`pred/${index}.xml`] = scored(objects).replace('>64<', `>${64 + index}<`)
  }
  files['gt/3.xml'] = aVocFile([{ name: 'disc', corners: [1, 1, 9, 9] }], { width: 67 })
  const version = await project.versionOf(files)
  const setId = (await setsOf(version.id))[0]!.id

  interface Listed {
    readonly assets: { readonly totalCount: number; readonly edges: { node: { width: number } }[] }
  }
  const listed = async (versionId: string, filter: object, as = project) => {
    const fields = 'assets(filter: $filter) { totalCount edges { node { width } } }'
    const { assets } = await as.of<Listed>(versionId, fields, { filter }, ', $filter: AssetFilter')
    expect(assets.edges).toHaveLength(assets.totalCount)
    return assets.edges.map(({ node }) => node.width - 64).sort()
  }
  const cases: [object, number[]][] = [
    [{}, [0, 1, 2]],
    [{ minScore: 0.5 }, [0, 1, 2]],
    [{ minScore: 0.51 }, [0, 2]],
    [{ maxScore: 0.5 }, [0, 1, 2]],
    [{ maxScore: 0.49 }, [0]],
    [{ minScore: 0.3, maxScore: 0.6 }, [1, 2]],
    [{ labels: ['disc'], minScore: 0.6 }, [0]],
    [{ labels: ['square'] }, [1, 2]],
    [{ atLeast: 2 }, [0, 2]],
    [{ atLeast: 2, minScore: 0.5 }, [2]],
    [{ labels: ['disc'], atLeast: 3 }, []],
  ]
  for (const [wanted, places] of cases) {
    const filter = { predictions: { setId, ...wanted } }
    expect([wanted, await listed(version.id, filter)]).toEqual([wanted, places])
    const made = await project.made('filterVersion', { versionId: version.id, filter })
    expect([wanted, await listed(made.id, {})]).toEqual([wanted, places])
  }
  expect(await listed(version.id, { noLabels: ['disc'], predictions: { setId, minScore: 1 } })).toEqual([2])
  const turned = listed(version.id, { predictions: { setId, minScore: 0.6, maxScore: 0.5 } })
  await expect(turned).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'minScore' } })
})

test('a COCO object with a score is a prediction', async () => {
  const [image, box] = [await anImage({ tone: 602 }), [4, 5, 20, 10]]
  const instances = {
    categories: [{ id: 1, name: 'disc' }],
    images: [{ id: 1, file_name: 'a.jpg', width: 64, height: 48 }],
    annotations: [
      { id: 1, image_id: 1, category_id: 1, bbox: box },
      { id: 2, image_id: 1, category_id: 1, bbox: box, score: 0.75 },
    ],
  }
  const { report, version } = await project.importedFiles({
    'a.jpg': image,
    'a.json': JSON.stringify(instances),
  })
  expect([report?.predictionCount, version?.annotationCount]).toEqual([1, 1])
  expect(await setsOf(version!.id)).toMatchObject([{ sourceKind: 'IMPORT', predictionCount: 1 }])
})

test('what a model stage finds is evaluated, and kept beside the ground truth of what it was tried on', async () => {
  const corners = [4, 5, 23, 14] // where findADisc finds one
  const version = await project.versionOf({
    'images/1.jpg': await anImage({ tone: 603 }),
    'annotations/1.xml': aVocFile([{ name: 'disc', corners }]),
    'images/2.jpg': await anImage({ tone: 604 }),
    'annotations/2.xml': aVocFile([
      { name: 'disc', corners },
      { name: 'disc', corners: [40, 30, 60, 40] },
    ]),
  })
  const pool = await project.versionOf({ 'images/3.jpg': await anImage({ tone: 605 }) })
  const script = `if grep -q 'run_training: true' "$IN/env.yaml"; then ${leaveAModel}\nelse ${findADisc}\nfi`
  const templates = ['training-template.yaml', 'infer-template.yaml']
  const image = await anExecutorImage(ymir.client, ymir.home, script, templates)
  const { id } = await trainModel(ymir.client, {
    ...{ projectId: project.id, name: 'finds a disc', executorImageId: image.id },
    ...{ trainingVersionId: version.id, testVersionId: version.id },
  })
  const model = await whenModelEnded(ymir.client, id)
  expect([model.state, model.problem]).toEqual(['READY', null])
  expect(model.map50).toBeCloseTo(67 / 101, 9) // two of three discs, nothing false: precision 1 up to recall 0.66

  const [set] = await waitUntil('the prediction set', async () => {
    const sets = await setsOf(version.id)
    return sets.length > 0 && sets
  })
  expect(set).toMatchObject({
    ...{ sourceKind: 'MODEL', sourceId: model.bestStage!.id, assetCount: 2, predictionCount: 2 },
  })
  const predictions = [{ label: 'disc', score: 0.75, box: { x: 4, y: 5, width: 20, height: 10 } }]
  const both = await bothOf(version.id, set!.id)
  expect(both.map((one) => one.predictions)).toEqual([predictions, predictions])
  expect(both.map((one) => one.annotations.length)).toEqual([1, 2])

  // a pool has no ground truth to compare with: the evaluation says so, the predictions are there all the same
  const evaluation = { stageId: model.bestStage!.id, versionId: pool.id }
  await project.mutate('evaluateStage', evaluation, 'evaluation { id }')
  const [ofPool] = await waitUntil('the predictions of the pool', async () => {
    const sets = await setsOf(pool.id)
    return sets.length > 0 && sets
  })
  expect(await bothOf(pool.id, ofPool!.id)).toEqual([{ annotations: [], predictions }])

  // a labeller takes the model's box over and draws one: each annotation tells who found it
  const { label, box } = predictions[0]!
  const drawn = { label: 'square', box: { x: 40, y: 30, width: 8, height: 8 } }
  const task = { projectId: project.id, name: 'pool', versionId: pool.id, predictionSetId: ofPool!.id }
  const labelled = await labelledByHand(task, [{ label, box }, drawn])
  const { assets } = await project.of<{ assets: { edges: { node: object }[] } }>(
    labelled.versionId,
    'assets { edges { node { annotations { label box { x y width height } source { kind id } } } } }',
  )
  const byModel = { label, box, source: { kind: 'MODEL', id: model.bestStage!.id } }
  const byPerson = { ...drawn, source: { kind: 'PERSON', id: labelled.labellerId } }
  expect(assets.edges.map(({ node }) => node)).toEqual([{ annotations: [byModel, byPerson] }])
}, 90_000)

/** A task of one image answered by the signed-in user. */
async function labelledByHand(task: object, annotations: readonly object[]) {
  const created = await project.mutate<{ task: { id: string } }>('createLabellingTask', task, 'task { id }')
  const taskId = created.task.id
  const item = await waitUntil('the image to be claimed', async () => {
    const fields = 'item { id predictions { label } }'
    type Claimed = { item: { id: string; predictions: object[] } | null }
    return (await project.mutate<Claimed>('claimItem', { taskId }, fields)).item
  })
  expect(item.predictions).toEqual([{ label: 'disc' }])
  const { item: answered } = await project.mutate<{ item: { answeredBy: { id: string } } }>(
    'submitItem',
    { itemId: item.id, annotations },
    'item { answeredBy { id } }',
  )
  const result = await waitUntil('the labelled version', async () => {
    const query = 'query ($taskId: ID!) { labellingTask(id: $taskId) { result { id } } }'
    type Asked = { labellingTask: { result: { id: string } | null } }
    return (await ymir.client.ask<Asked>(query, { taskId })).labellingTask.result
  })
  return { versionId: result.id, labellerId: answered.answeredBy.id }
}
