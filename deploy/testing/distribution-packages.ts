import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

/** What tests use if it is there, and skip without: a container engine, a registry, a Python image, a browser, a cluster. */
const wanted: readonly { readonly packages: readonly string[]; readonly isThere: () => boolean }[] = [
  { packages: ['podman', 'runc'], isThere: () => ['podman', 'runc'].every(runs) },
  { packages: ['docker-registry'], isThere: () => runs('docker-registry') },
  {
    packages: ['python3', 'python3-numpy', 'python3-pil', 'python3-yaml'],
    isThere: () => spawnSync('/usr/bin/python3', ['-c', 'import numpy, PIL, yaml']).status === 0,
  },
  { packages: ['chromium', 'fonts-noto-cjk'], isThere: () => runs('chromium') },
  { packages: ['slurm-wlm', 'munge'], isThere: () => ['munged', 'slurmctld', 'slurmd'].every(runs) },
]

/**
 * Installs from the distribution what tests would otherwise skip: as root on Debian's kin, with YMIR_TEST_INSTALL other
 * than 0. Nothing is started: packages' daemons stay off. What cannot be had is told; its tests say that they are
 * skipped, and why.
 */
export async function provideDistributionPackages(say: (line: string) => void): Promise<void> {
  const missing = wanted.filter(({ isThere }) => !isThere()).flatMap(({ packages }) => packages)
  if (missing.length === 0) return
  if (process.env.YMIR_TEST_INSTALL === '0' || process.getuid?.() !== 0 || !runs('apt-get'))
    return say(`not here, so tests that need them are skipped: ${missing.join(', ')}`)
  say(`installing from the distribution, for tests only (YMIR_TEST_INSTALL=0: not): ${missing.join(', ')}`)
  try {
    await install(missing).catch(async () => {
      await run('apt-get', ['-qq', 'update']) // the lists of packages are missing or old
      await install(missing)
    })
  } catch (error) {
    say(`some could not be installed, tests that need them are skipped: ${String(error).split('\n')[0]}`)
  }
}

const run = promisify(execFile)

/** In run level 1 Debian's invoke-rc.d does not start the packages' daemons. */
function install(packages: readonly string[]) {
  const options = ['-qq', '-y', '--no-install-recommends']
  return run('apt-get', [...options, 'install', ...packages], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    maxBuffer: 64 * 2 ** 20,
    timeout: 10 * 60_000,
  })
}

function runs(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { env: withSystemPrograms }).status === 0
}

const withSystemPrograms = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
