/** Where an image printed something. */
export const LogStream = { STDOUT: 'STDOUT', STDERR: 'STDERR' } as const
export type LogStream = keyof typeof LogStream

export const logStreams: readonly LogStream[] = ['STDOUT', 'STDERR']
