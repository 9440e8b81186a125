import type { ProjectRole, RequestContext } from '@ymir/graphql'

export interface JobRow {
  readonly id: string
  readonly projectId: string
  state: string
  attempt: number
  progress: number
  log: string
  /** Parts of the log, in order. */
  pieces: { stream: 'STDOUT' | 'STDERR'; offset: number; text: string }[]
  resources?: { measuredAt: Date; cpuCores: number; memoryBytes: number; processes: number; gpus: [] }
  scalars: { tag: string; step: number; value: number; wallTime: number }[]
  queuePlace?: number
  estimatedStart?: Date
  waitingFor?: string
}

export interface ExecutorImageRow {
  readonly id: string
  state: 'PULLING' | 'READY' | 'FAILED'
  progress: number
}

/** What the services of a test know; tests change it as users and jobs would. */
export class World {
  readonly tokens = new Map<string, { userId: string; sessionId?: string; expiresAt?: Date }>()
  /** By e-mail, of those who may sign in. */
  readonly passwords = new Map<string, string>()
  readonly members = new Map<string, ProjectRole>()
  readonly jobs = new Map<string, JobRow>()
  readonly executorImages = new Map<string, ExecutorImageRow>()
  readonly stages = new Map<string, { modelId: string; name: string }>()
  /** How often each service was asked something, by what was asked. */
  readonly asked = new Map<string, number>()

  signIn(userId: string, projects: Readonly<Record<string, ProjectRole>> = {}, expiresAt?: Date): string {
    const token = `token of ${userId}`.replaceAll(' ', '-')
    this.tokens.set(token, { userId, sessionId: `session of ${userId}`, expiresAt })
    for (const [projectId, role] of Object.entries(projects)) this.members.set(`${userId} ${projectId}`, role)
    return token
  }

  addJob(id: string, projectId: string, state = 'QUEUED'): JobRow {
    const job = { id, projectId, state, attempt: 1, progress: 0, log: '', pieces: [], scalars: [] }
    this.jobs.set(id, job)
    return job
  }

  membershipsOf(userId: string): { projectId: string; role: ProjectRole }[] {
    return [...this.members]
      .filter(([key]) => key.startsWith(`${userId} `))
      .map(([key, role]) => ({ projectId: key.slice(userId.length + 1), role }))
  }

  count(what: string): void {
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1)
  }
}

export type WorldContext = RequestContext & { readonly world: World }
