import { spawnSync } from 'node:child_process'
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyLibraries, importImage, type TestEngine } from './podman.ts'

export const pythonSample = fileURLToPath(new URL('../../../../executors/samples/python', import.meta.url))
const python = '/usr/bin/python3'

/** Why the Python sample cannot be packed from what is installed here; undefined when it can. */
export function whyNoPython(): string | undefined {
  const found = spawnSync(python, ['-c', 'import numpy, PIL, yaml'])
  if (found.status === 0) return undefined
  return `${python} has no numpy, PIL and yaml (apt-get install python3-numpy python3-pil python3-yaml)`
}

/** The Python sample as its Dockerfile lays it out, with the Python and the Debian packages of this machine. */
export function importPythonSample(engine: TestEngine, name: string): Promise<void> {
  return importImage(engine, name, ['bash', 'dirname', 'readlink'], async (root) => {
    await cp(python, join(root, python), { dereference: true })
    await copyLibraries(python, root)
    const folders = spawnSync(python, ['-c', 'import sys; print(*sys.path[1:], sep="\\n")']).stdout.toString()
    for (const folder of folders
      .split('\n')
      .filter((one) => one.startsWith('/usr/lib/') && !one.endsWith('.zip'))) {
      await cp(folder, join(root, folder), { recursive: true, dereference: true, filter: isNeeded })
      for (const file of await readdir(join(root, folder), { recursive: true }))
        if (file.endsWith('.so')) await copyLibraries(join(folder, file), root)
    }
    await cp(join(pythonSample, 'start.sh'), join(root, 'usr/bin/start.sh'))
    await cp(join(pythonSample, 'img-man'), join(root, 'img-man'), { recursive: true })
    await mkdir(join(root, 'app'))
    await cp(join(pythonSample, 'shapefinder'), join(root, 'app/shapefinder'), { recursive: true })
  })
}

function isNeeded(path: string): boolean {
  return !/__pycache__|\/(?:test|tests|idlelib|lib2to3|ensurepip|config-[^/]+)$/.test(path)
}
