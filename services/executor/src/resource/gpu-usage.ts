import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { GpuUsage } from './resources.ts'

/** One look is for all jobs that ask within this time: nvidia-smi takes a while to start. */
const freshMs = 900
const MEBIBYTE = 2 ** 20

/** What the machine's GPUs do, as nvidia-smi tells. */
export class GpuUsages {
  private looked: Promise<readonly GpuUsage[]> = Promise.resolve([])
  private lookedAt = -Infinity

  async of(uuids: readonly string[]): Promise<GpuUsage[]> {
    if (uuids.length === 0) return []
    if (performance.now() - this.lookedAt > freshMs) {
      this.lookedAt = performance.now()
      this.looked = look()
    }
    return (await this.looked).filter(({ uuid }) => uuids.includes(uuid))
  }
}

async function look(): Promise<GpuUsage[]> {
  const query = ['--query-gpu=uuid,utilization.gpu,memory.used', '--format=csv,noheader,nounits']
  try {
    return parseGpuUsage((await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 })).stdout)
  } catch {
    return []
  }
}

/** Reads `uuid, utilization.gpu, memory.used` as CSV; what a GPU does not tell is `[N/A]` or `[Not Supported]`. */
export function parseGpuUsage(csv: string): GpuUsage[] {
  return csv.split('\n').flatMap((line) => {
    const [uuid, utilisation, memory] = line.split(',').map((field) => field.trim())
    if (!uuid || memory === undefined) return []
    const percent = Number(utilisation || NaN)
    return [
      {
        uuid,
        utilisation: Number.isNaN(percent) ? undefined : percent,
        memoryBytes: (Number(memory) || 0) * MEBIBYTE,
      },
    ]
  })
}
