import pg from 'pg'

export const services = ['identity', 'dataset', 'model', 'mining', 'labeling', 'executor'] as const

/** Ids of the events that each service said about a project, in the order in which it said them. */
export async function saidAbout(databaseUrl: string, projectId: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const said: Record<string, string[]> = {}
    for (const service of services) {
      const { rows } = await client.query<{ id: string }>(
        `select id from ${service}.outbox where project_id = $1 order by position`,
        [projectId],
      )
      said[service] = rows.map(({ id }) => id)
    }
    return said
  } finally {
    await client.end()
  }
}
