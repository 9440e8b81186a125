import { randomUUID } from 'node:crypto'
import { type UserCaller } from '@ymir/graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aUser, startTestService, type TestService } from '../testing/service.ts'
import { aStoredVersion, idOf, type WantedAsset } from '../testing/stored.ts'

let service: TestService
let projectId: string
let owner: UserCaller
let versionId: string
let otherId: string

const assets: WantedAsset[] = [
  {
    name: 'day/a.jpg',
    width: 640,
    height: 480,
    boxes: [['cell', 10]],
    tags: ['day'],
    metadata: { camera: '3' },
  },
  {
    name: 'day/b.jpg',
    width: 800,
    height: 600,
    boxes: [
      ['cell', 30],
      ['cell', 20],
      ['other', 50],
    ],
    tags: ['day', 'blurred'],
  },
  { name: 'night/c.jpg', width: 320, height: 240, boxes: [], tags: ['night'], metadata: { camera: '4' } },
  {
    name: 'night/D_100%.JPG',
    width: 640,
    height: 480,
    boxes: [['other', 5]],
    metadata: { camera: '3', weather: 'fog' },
  },
]
const letterOf = new Map(assets.map(({ name }) => [idOf(name), name.split('/')[1]![0]!]))

beforeAll(async () => {
  service = await startTestService()
  ;({ projectId, owner } = await service.aProject(['cell', 'other']))
  versionId = (await aStoredVersion(service, { projectId, name: 'all' }, assets)).id
  const others = [{ name: 'day/a.jpg' }, assets[3]!, { name: 'elsewhere.jpg' }]
  otherId = (await aStoredVersion(service, { projectId, name: 'others' }, others)).id
})
afterAll(() => service.stop())

const query = `query ($id: ID!, $filter: AssetFilter, $orderBy: AssetOrder, $first: Int! = 20, $after: String, $skip: Int! = 0) {
  datasetVersion(id: $id) { assets(filter: $filter, orderBy: $orderBy, first: $first, after: $after, skip: $skip) {
    totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } }`

async function browse(variables: object) {
  const { data, errors } = await service.ask(query, { id: versionId, ...variables }, owner)
  if (!data?.datasetVersion) return { error: errors?.[0]?.extensions }
  const { edges, totalCount, pageInfo } = data.datasetVersion.assets
  const shown: string[] = edges.map(({ node }: { node: { id: string } }) => letterOf.get(node.id))
  return { shown: shown.join(''), totalCount: totalCount as number, pageInfo }
}

describe('a filter finds assets', () => {
  test.each([
    [{ anyLabels: ['Cell'] }, 'ab'],
    [{ allLabels: ['cell', 'other'] }, 'b'],
    [{ noLabels: ['cell'] }, 'cD'],
    [{ anyTags: ['night', 'blurred'] }, 'bc'],
    [{ allTags: ['day', 'blurred'] }, 'b'],
    [{ noTags: ['day'] }, 'cD'],
    [{ annotationCount: { min: 1, max: 2 } }, 'aD'],
    [{ annotationCount: { max: 0 } }, 'c'],
    [{ labelCounts: [{ label: 'cell', min: 2 }] }, 'b'],
    [{ labelCounts: [{ label: 'cell', max: 1 }] }, 'acD'],
    [{ imageWidth: { min: 640, max: 640 } }, 'aD'],
    [{ imageHeight: { max: 479 } }, 'c'],
    [{ smallestBoxSide: { max: 10 } }, 'aD'],
    [{ largestBoxSide: { min: 11 } }, 'b'],
    [{ metadata: [{ key: 'camera', value: '3' }] }, 'aD'],
    [{ metadata: [{ key: 'camera' }, { key: 'weather' }] }, 'D'],
    [{ nameContains: 'D_' }, 'D'],
    [{ nameContains: 'NIGHT' }, 'cD'],
    [{ nameContains: '%' }, 'D'],
    [{ anyTags: ['day'], annotationCount: { min: 2 }, imageWidth: { min: 700 } }, 'b'],
    [{}, 'abcD'],
  ])('%j', async (filter, expected) => {
    expect(await browse({ filter })).toMatchObject({ shown: expected, totalCount: expected.length })
  })

  test('that another version has too, whatever their annotations there', async () => {
    expect(await browse({ filter: { importedFrom: [otherId] } })).toMatchObject({ shown: 'aD' })
  })

  test.each([
    [{ anyLabels: ['nobody'] }, 'BAD_USER_INPUT'],
    [{ imageWidth: { min: 5, max: 4 } }, 'BAD_USER_INPUT'],
    [{ imageWidth: { min: -1 } }, 'BAD_USER_INPUT'],
    [{ nameContains: '' }, 'BAD_USER_INPUT'],
    [{ importedFrom: [randomUUID()] }, 'NOT_FOUND'],
  ])('and refuses %j', async (filter, code) => {
    expect((await browse({ filter })).error).toMatchObject({ code })
  })

  test('but never in the versions of projects that the caller cannot see', async () => {
    const stranger = await service.aProject()
    const { id } = await aStoredVersion(service, { projectId: stranger.projectId, name: 'theirs' }, [
      { name: 'day/a.jpg' },
    ])
    expect((await browse({ filter: { importedFrom: [id] } })).error).toMatchObject({ code: 'FORBIDDEN' })
  })

  test('for a version too, which remembers what was asked', async () => {
    const filter = { anyLabels: ['CELL'], imageWidth: { min: 700, max: null }, nameContains: null }
    const { data } = await service.ask(
      `mutation ($input: FilterVersionInput!) { filterVersion(input: $input) { version { assetCount parameters } } }`,
      { input: { versionId, name: 'large cells', withoutLabels: [], filter } },
      owner,
    )
    expect(data.filterVersion.version).toEqual({
      assetCount: 1,
      parameters: {
        labels: [],
        withoutLabels: [],
        filter: { anyLabels: ['cell'], imageWidth: { min: 700 } },
      },
    })
  })
})

describe('the order', () => {
  test.each([
    ['ADDED', 'ASCENDING', 'abcD'],
    ['ADDED', 'DESCENDING', 'Dcba'],
    ['IMAGE_SIZE', 'ASCENDING', 'caDb'],
    ['IMAGE_SIZE', 'DESCENDING', 'baDc'],
    ['IMAGE_WIDTH', 'DESCENDING', 'baDc'],
    ['IMAGE_HEIGHT', 'ASCENDING', 'caDb'],
    ['ANNOTATION_COUNT', 'DESCENDING', 'baDc'],
    ['SMALLEST_BOX', 'ASCENDING', 'cDab'],
    ['LARGEST_BOX', 'DESCENDING', 'baDc'],
  ])('by %s, %s, is the same on one page and on many', async (by, direction, expected) => {
    const orderBy = { by, direction }
    expect(await browse({ orderBy })).toMatchObject({ shown: expected })
    let [shown, after] = ['', null as string | null]
    do {
      const page = await browse({ orderBy, first: 1, after })
      shown += page.shown
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null
    } while (after)
    expect(shown).toBe(expected)
  })

  test.each([
    [undefined, undefined],
    ['ADDED', 'DESCENDING'],
    ['LARGEST_BOX', 'DESCENDING'],
  ])('by %s, %s, can be entered at any place', async (by, direction) => {
    const orderBy = by && { by, direction }
    const { shown: all } = await browse({ orderBy })
    for (const skip of [0, 1, 3, 4, 5]) {
      const { shown, totalCount, pageInfo } = await browse({ orderBy, skip, first: 2 })
      expect([shown, totalCount, pageInfo.hasNextPage]).toEqual([all!.slice(skip, skip + 2), 4, skip < 2])
    }
    const { pageInfo } = await browse({ orderBy, first: 1 })
    expect(await browse({ orderBy, after: pageInfo.endCursor, skip: 1, first: 1 })).toMatchObject({
      shown: all![2],
    })
  })

  test('refuses the cursor of another order', async () => {
    const { pageInfo } = await browse({ first: 1 })
    const orderBy = { by: 'IMAGE_SIZE', direction: 'ASCENDING' }
    expect((await browse({ orderBy, after: pageInfo.endCursor })).error).toMatchObject({
      code: 'BAD_USER_INPUT',
    })
  })
})

describe('one asset of a version', () => {
  const one = `query ($id: ID!, $assetId: ID!) { datasetVersion(id: $id) { asset(id: $assetId) {
    id position tags metadata { key value }
    annotations { label rotation quality polygons mask { size counts } } } } }`
  const ask = async (name: string, id = versionId, asker = owner) => {
    const { data, errors } = await service.ask(one, { id, assetId: idOf(name) }, asker)
    return data?.datasetVersion ? data.datasetVersion.asset : errors?.[0]?.extensions.code
  }

  test('is found by its id, with its place and the keys of its owner', async () => {
    const places = await Promise.all(assets.map(({ name }) => ask(name)))
    expect(places.map(({ position }) => position)).toEqual([0, 1, 2, 3])
    expect(places[3]).toMatchObject({
      id: idOf('night/D_100%.JPG'),
      tags: [],
      metadata: [
        { key: 'camera', value: '3' },
        { key: 'weather', value: 'fog' },
      ],
    })
    expect(places[1].tags).toEqual(['blurred', 'day'])
  })

  test('shows every shape of its annotations', async () => {
    const plain = { label: 'cell', difficult: false, truncated: false, crowd: false }
    const box = { x: 0, y: 0, width: 4, height: 4 }
    const annotations = [
      { ...plain, box, rotation: 0.5, quality: 0.9 },
      { ...plain, box: { ...box, x: 1 }, polygons: [[0, 0, 4, 0, 4, 4]] },
      { ...plain, box: { ...box, x: 2 }, mask: { size: [48, 64] as const, counts: '05' } },
    ]
    const { id } = await aStoredVersion(service, { projectId, name: 'shapes' }, [
      { name: 'shapes.jpg', annotations },
    ])
    const none = { label: 'cell', rotation: null, quality: null, polygons: null, mask: null }
    expect((await ask('shapes.jpg', id)).annotations).toEqual([
      { ...none, rotation: 0.5, quality: 0.9 },
      { ...none, polygons: [[0, 0, 4, 0, 4, 4]] },
      { ...none, mask: { size: [48, 64], counts: '05' } },
    ])
  })

  test('is null when the version does not hold it, and refused to strangers', async () => {
    expect(await ask('elsewhere.jpg')).toBeNull()
    expect(await ask('day/a.jpg', versionId, aUser())).toBe('FORBIDDEN')
  })

  test('has an id of 64 digits', async () => {
    const { errors } = await service.ask(one, { id: versionId, assetId: 'day/a.jpg' }, owner)
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

test('random assets are of the version, and the same for a seed', async () => {
  const ask = async (variables: object) => {
    const { data } = await service.ask(
      `query ($id: ID!, $seed: Float!, $filter: AssetFilter) {
         datasetVersion(id: $id) { randomAssets(count: 3, seed: $seed, filter: $filter) { id } } }`,
      { id: versionId, ...variables },
      owner,
    )
    return data.datasetVersion.randomAssets.map(({ id }: { id: string }) => letterOf.get(id)).join('')
  }
  const draws = await Promise.all(Array.from({ length: 12 }, (_, seed) => ask({ seed })))
  for (const draw of draws) expect(draw).toMatch(/^(abc|abD|acD|bcD)$/)
  expect(new Set(draws).size).toBeGreaterThan(1)
  expect(await ask({ seed: 5 })).toBe(draws[5])
  expect(await ask({ seed: 5, filter: { anyTags: ['day'] } })).toBe('ab')
})

test('two versions stand side by side, with what is rare in each', async () => {
  const boxes = Array.from({ length: 40 }, () => ['cell', 20] as const)
  const uneven = [
    { name: 'many.jpg', boxes },
    { name: 'few.jpg', boxes: [['other', 9] as const] },
  ]
  const { id } = await aStoredVersion(service, { projectId, name: 'uneven' }, uneven)
  const { data } = await service.ask(
    `query ($from: ID!, $to: ID!) { compareStatistics(from: $from, to: $to) {
       labels { label annotationCountFrom annotationCountTo assetCountFrom assetCountTo }
       from { statistics { imbalance { ratio } } }
       to { statistics { boxAspects { from to count } imbalance { mostFrequent leastFrequent ratio rare message } } } } }`,
    { from: versionId, to: id },
    owner,
  )
  const { labels, from, to } = data.compareStatistics
  expect(labels).toEqual([
    { label: 'cell', annotationCountFrom: 3, annotationCountTo: 40, assetCountFrom: 2, assetCountTo: 1 },
    { label: 'other', annotationCountFrom: 2, annotationCountTo: 1, assetCountFrom: 2, assetCountTo: 1 },
  ])
  expect(from.statistics.imbalance).toBeNull()
  expect(to.statistics.imbalance).toEqual({
    mostFrequent: 'cell',
    leastFrequent: 'other',
    ratio: 40,
    rare: ['other'],
    message:
      '"cell" has 40 annotations, "other" 1 (40 to 1); 1 of 2 labels have less than a tenth of an even share',
  })
  expect(to.statistics.boxAspects).toContainEqual({ from: 0.8, to: 1.25, count: 41 })
})

test('a stranger sees no random assets', async () => {
  const { errors } = await service.ask(
    `query ($id: ID!) { datasetVersion(id: $id) { randomAssets { id } } }`,
    { id: versionId },
    aUser(),
  )
  expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN')
})
