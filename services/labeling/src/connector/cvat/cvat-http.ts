import type { z } from 'zod'
import type { Asked, ToolHttp } from '../tool-http.ts'
import { labels as labelsShape } from './shape.ts'

const pageSize = 100

/** CVAT's REST API, with its pages. */
export class CvatHttp {
  constructor(readonly api: ToolHttp) {}

  /** All pages of a list. */
  async all<T>(
    path: string,
    shape: z.ZodType<{ next: string | null; results: T[] }>,
    query: Asked['query'] = {},
  ): Promise<T[]> {
    const all: T[] = []
    for (let page = 1; ; page++) {
      const { next, results } = await this.api.get(path, shape, { ...query, page, page_size: pageSize })
      all.push(...results)
      if (!next || !results.length) return all
    }
  }

  /** Ids of a project's labels. */
  async labels(projectId: string): Promise<Map<string, number>> {
    const labels = await this.all('/api/labels', labelsShape, { project_id: projectId })
    return new Map(labels.map(({ id, name }) => [name, id]))
  }
}

/** What CVAT's deprecated API keys look like; everything else is a personal access token. */
const isLegacy = /^[0-9a-f]{40}$/

/** How CVAT knows us (docs.cvat.ai/docs/api_sdk/access_tokens), and where we work. */
export function cvatHeaders(token: string, organization: string | null): Record<string, string> {
  return {
    authorization: `${isLegacy.test(token) ? 'Token' : 'Bearer'} ${token}`,
    accept: 'application/vnd.cvat+json, application/json',
    ...(organization ? { 'x-organization': organization } : {}),
  }
}
