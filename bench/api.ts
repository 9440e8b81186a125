/** The platform as a client of its gateway sees it, signed up as its first user. */
export class Api {
  private token = ''

  private constructor(private readonly gatewayUrl: string) {}

  static async signUp(gatewayUrl: string): Promise<Api> {
    const api = new Api(gatewayUrl)
    const input = { email: 'ada@ymir.example', name: 'ada', password: 'correct horse battery staple' }
    const mutation = 'mutation ($input: SignUpInput!) { signUp(input: $input) { token } }'
    const { signUp } = await api.ask<{ signUp: { token: string } }>(mutation, { input })
    api.token = signUp.token
    return api
  }

  /** @throws Error with the first error of the answer */
  async ask<Data>(query: string, variables: object): Promise<Data> {
    const response = await fetch(`${this.gatewayUrl}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
    })
    const { data, errors } = (await response.json()) as { data: Data; errors?: { message: string }[] } // GraphQL over HTTP
    if (errors?.[0]) throw new Error(errors[0].message)
    return data
  }

  async createProject(classes: readonly string[]): Promise<string> {
    const mutation = `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } } }`
    const { createProject } = await this.ask<{ createProject: { project: { id: string } } }>(mutation, {
      input: { name: 'bench', classes },
    })
    return createProject.project.id
  }
}
