import { expect, test } from 'vitest'
import { containerLimits, sampleReference, type ContainerPlatform } from '../testing/containers.ts'
import { registerImage } from '../testing/jobs.ts'

/** What a container can and cannot do, as its own process finds it. */
export function testIsolation(platform: () => ContainerPlatform): void {
  const printed = (script: string, parameters?: object) => platform().jobs.printed(script, parameters)

  test('a container finds /in read-only, /out writable, and no more to mount or to become', async () => {
    const log = await printed(`touch "$IN/mark" 2>&1; touch "$OUT/mark" && echo 'out: writable'
      grep -E '^(Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status`)
    expect(log).toMatch(/touch: cannot touch '\/in\/mark': Read-only file system/)
    expect(log).toContain('out: writable\n')
    for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(log).toMatch(new RegExp(`^${set}:\\s+0000000000000000$`, 'm'))
    expect(log).toMatch(/^NoNewPrivs:\s+1$/m)
  })

  test('a container has no network and no way to the engine', async () => {
    const log = await printed(`(echo >/dev/tcp/192.0.2.1/80) 2>&1
      grep -o '^ *[a-z0-9]*:' /proc/net/dev
      for one in /var/run/docker.sock /run/docker.sock /run/podman/podman.sock; do [ -e $one ] && echo "found $one"; done
      echo "engine: $DOCKER_HOST."`)
    expect(log).toContain('Network is unreachable')
    expect(log.match(/^ *\w+:$/gm)?.map((name) => name.trim())).toEqual(['lo:'])
    expect(log).not.toContain('found ')
    expect(log).toContain('engine: .\n')
  })

  test('a container has its limits: memory, CPUs, processes, open files, shared memory', async () => {
    const log = await printed(
      `group=/sys/fs/cgroup
      told() { for one in "$@"; do [ -e $group/$one ] && cat $group/$one; done; }
      echo "memory $(told memory.max memory/memory.limit_in_bytes)"
      echo "cpus $(told cpu.max cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us | tr '\\n' ' ')"
      echo "processes $(told pids.max pids/pids.max)"
      echo "files $(ulimit -n)"
      grep -o ' /dev/shm .*size=[0-9]*k' /proc/self/mountinfo`,
      { shm_size: '8M' },
    )
    expect(log).toContain(`memory ${containerLimits.memoryBytes}\n`)
    const [, quota, period] = /^cpus (\d+) (\d+)/m.exec(log) ?? []
    expect(Number(quota) / Number(period)).toBe(containerLimits.cpus)
    expect(log).toContain('processes 4096\n')
    expect(log).toContain(`files ${containerLimits.openFiles}\n`)
    expect(log).toMatch(/ \/dev\/shm .*size=8192k\n/)
  })

  test('a container runs as the user that an administrator sets', async () => {
    const { client, jobs } = platform()
    const image = { name: 'another user', driver: 'docker', reference: sampleReference }
    const { id } = await registerImage(client, image)
    const mutation = `mutation ($id: ID!) {
      setExecutorImageUser(input: { id: $id, user: "1234:4321" }) { executorImage { id } }
    }`
    await client.ask(mutation, { id })
    const log = await jobs
      .with(id)
      .printed(`echo "$(id -u):$(id -g)"; touch "$OUT/mark" && echo 'out: writable'`)
    expect(log).toContain('1234:4321\nout: writable\n')
  })
}
