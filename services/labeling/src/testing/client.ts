import type { Caller } from '@ymir/graphql'
import { waitUntil } from '@ymir/service'
import type { Answer, TestPlatform } from './platform.ts'

const taskFields = /* GraphQL */ `
  fragment Task on LabellingTask {
    id
    name
    state
    problem
    classes
    keepAnnotations
    review
    itemsReady
    itemCount
    doneCount
    skippedCount
    acceptedCount
    finishedAt
    result {
      id
    }
    items(first: 500) {
      edges {
        node {
          ...Item
        }
      }
    }
  }
  fragment Item on LabellingItem {
    id
    assetId
    state
    comment
    skipReason
    claimedUntil
    claimedBy {
      id
    }
    answeredBy {
      id
    }
    annotations {
      label
      rotation
      box {
        x
        y
        width
        height
      }
    }
    keptAnnotations {
      label
    }
    predictions {
      label
      score
    }
  }
`

const taskQuery = /* GraphQL */ `
  query Task($id: ID!) {
    labellingTask(id: $id) {
      ...Task
    }
  }
  ${taskFields}
`

const itemMutation = (name: string) => /* GraphQL */ `
  mutation ChangeItem($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) {
    changed: ${name}(input: $input) {
      item {
        ...Item
      }
    }
  }
  ${taskFields.slice(taskFields.indexOf('fragment Item'))}
`

const taskMutation = (name: string, input: string) => /* GraphQL */ `
  mutation ChangeTask($input: ${input}!) {
    changed: ${name}(input: $input) {
      task {
        ...Task
      }
    }
  }
  ${taskFields}
`

/** A task as a test looks at it. */
export interface SeenTask {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly problem: string | null
  readonly classes: readonly string[]
  readonly itemsReady: boolean
  readonly itemCount: number
  readonly doneCount: number
  readonly skippedCount: number
  readonly acceptedCount: number
  readonly result: { readonly id: string } | null
  readonly items: readonly SeenItem[]
}

export interface SeenItem {
  readonly id: string
  readonly assetId: string
  readonly state: string
  readonly comment: string | null
  readonly skipReason: string | null
  readonly claimedBy: { readonly id: string } | null
  readonly answeredBy: { readonly id: string } | null
  readonly annotations: readonly {
    readonly label: string
    readonly box: object
    readonly rotation: number | null
  }[]
  readonly keptAnnotations: readonly { readonly label: string }[]
  readonly predictions: readonly { readonly label: string; readonly score: number }[]
}

/** What an answer to a mutation holds, or its error's code. */
export interface Outcome<Seen> {
  readonly done: Seen | null
  readonly code: string | undefined
  readonly message: string | undefined
}

export const aBox = (x = 1, label = 'brick') => ({ label, box: { x, y: 1, width: 10, height: 10 } })

/** What someone does over the API of a test's platform. */
export function clientOf(platform: TestPlatform, caller: Caller) {
  const change = async <Seen>(
    document: string,
    input: object,
    see: (payload: Answer['data']) => Seen | null,
  ): Promise<Outcome<Seen>> => {
    const { data, code, message } = await platform.ask(caller, document, { input })
    return { done: data?.changed ? see(data.changed) : null, code, message }
  }
  const changeItem = (name: string, input: object) =>
    change<SeenItem>(itemMutation(name), input, ({ item }) => item)
  const changeTask = (name: string, input: object, type = 'LabellingTaskInput') =>
    change<SeenTask>(taskMutation(name, type), input, ({ task }) => seenTask(task))
  const see = async (id: string): Promise<SeenTask | null> => {
    const { data } = await platform.ask(caller, taskQuery, { id })
    return data?.labellingTask ? seenTask(data.labellingTask) : null
  }
  return {
    caller,
    userId: caller.kind === 'user' ? caller.userId : '',
    claim: (taskId: string, itemId?: string) => changeItem('claimItem', { taskId, itemId }),
    claimSome: (taskId: string, first: number) => claimSome(platform, caller, taskId, first),
    saveDraft: (itemId: string, annotations: readonly object[] = [aBox()]) =>
      changeItem('saveDraft', { itemId, annotations }),
    submit: (itemId: string, annotations: readonly object[] = [aBox()]) =>
      changeItem('submitItem', { itemId, annotations }),
    skip: (itemId: string, reason = 'too dark') => changeItem('skipItem', { itemId, reason }),
    release: (itemId: string) => changeItem('releaseItem', { itemId }),
    accept: (itemId: string, annotations?: readonly object[]) =>
      changeItem('reviewItem', { itemId, accept: true, annotations }),
    sendBack: (itemId: string, comment?: string) =>
      changeItem('reviewItem', { itemId, accept: false, comment }),

    create: (input: object) =>
      changeTask(
        'createLabellingTask',
        { projectId: platform.projectId, name: 'by hand', ...input },
        'CreateLabellingTaskInput',
      ),
    finish: (taskId: string) => changeTask('finishLabellingTask', { taskId }),
    cancel: (taskId: string) => changeTask('cancelLabellingTask', { taskId }),
    sendBackTask: (taskId: string, comment: string) =>
      changeTask('sendBackTask', { taskId, comment }, 'SendBackTaskInput'),

    /** The task as it is now, if this caller may see it. */
    see,

    /** Waits until the images are there. */
    ready: (id: string): Promise<SeenTask> =>
      waitUntil(`the images of task ${id}`, async () => {
        const task = await see(id)
        return task?.itemsReady ? task : undefined
      }),
  }
}

async function claimSome(platform: TestPlatform, caller: Caller, taskId: string, first: number) {
  const document = `mutation ($input: ClaimItemsInput!) { claimItems(input: $input) { items { id draft { label } } } }`
  const { data, code } = await platform.ask(caller, document, { input: { taskId, first } })
  const items: { id: string; draft: { label: string }[] | null }[] = data?.claimItems?.items ?? []
  return { items, ids: items.map(({ id }) => id), code }
}

function seenTask(task: Answer['data']): SeenTask {
  return { ...task, items: task.items.edges.map(({ node }: { node: SeenItem }) => node) }
}
