/** A job's id as images may have it: letters, digits and underscores only. */
export function taskIdOf(jobId: string): string {
  return `t${jobId.replaceAll(/[^A-Za-z0-9]/g, '')}`
}
