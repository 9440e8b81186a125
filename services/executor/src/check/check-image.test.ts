import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@ymir/service'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessDriver } from '../driver/process-driver.ts'
import { sampleImage } from '../testing/platform.ts'
import { importImage, startPodman, type TestEngine } from '../testing/podman.ts'
import { checkImage, type CheckRequest } from './check.ts'
import { verdictOf, type Finding } from './promises.ts'
import { readRequest } from './request.ts'

const documented = [
  ...readFileSync(new URL('../../../../docs/executor-images.md', import.meta.url), 'utf8').matchAll(
    /^bash ymir\.sh check-image (.+)$/gm,
  ),
].map(([, words = '']) => words.split(' '))

const repository = fileURLToPath(new URL('../../../..', import.meta.url))
const shellSample = join(repository, 'executors/samples/shell')

let home: string
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ymir-check-test-'))
  await symlink(join(repository, 'executors'), join(home, 'executors'))
})
afterAll(() => rm(home, { recursive: true }))

/** Temporary folders of the check and of images; tsx keeps a cache there. */
const leftBehind = async () =>
  (await readdir(home)).filter((name) => name !== 'executors' && !name.startsWith('tsx-'))

/** Runs the command as a user does. */
function start(words: readonly string[], environment: NodeJS.ProcessEnv = {}, folder = repository) {
  const child = spawn('bash', [join(repository, 'ymir.sh'), 'check-image', ...words], {
    cwd: folder,
    env: { ...process.env, TMPDIR: home, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, as in a terminal
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const ended = new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, said })),
  )
  return { child, ended, said: () => said }
}
const check = (...how: Parameters<typeof start>) => start(...how).ended

/** Checks within this process. @returns what is told, as on the terminal */
async function examine(reference: string, more: Partial<CheckRequest> = {}): Promise<string> {
  let told = ''
  const listener = {
    part: (title: string) => (told += `\n${title}\n`),
    line: (text: string) => (told += `| ${text}\n`),
    finding: ({ verdict, found, remedy }: Finding) =>
      (told += `${verdict}: ${found}\n${remedy ? `-> ${remedy}\n` : ''}`),
  }
  const jobs = await mkdtemp(join(home, 'check-'))
  const limits = { timeSeconds: 60, outputBytes: 2 ** 30, restarts: 0 }
  const usual = { driver: new ProcessDriver(), run: false, parameters: {}, gpus: [], limits, home: jobs }
  const findings = await checkImage({ reference, ...usual, ...more }, listener, AbortSignal.timeout(100_000))
  return told + verdictOf(findings)
}

describe('a folder', { timeout: 120_000 }, () => {
  test('that keeps the contract passes, by the commands that docs/executor-images.md shows', async () => {
    const commands = documented.filter((words) => words.includes('executors/samples/shell'))
    expect(commands).toHaveLength(3)
    for (const words of commands) {
      const { code, said } = await check(words, {}, home)
      expect(said).toMatch(/\nverdict: keeps the contract \(\d+ kept, \d noted, 0 broken\)\n/)
      expect(code).toBe(0)
      if (!words.includes('--run')) continue
      expect(said).toContain('  | counting 21 boxes in 12 images\n')
      expect(said).toMatch(/kept {4}\/out\/models\/result\.yaml: stage "prior" \(best\): prior\.tsv, mAP 0/)
      expect(said.match(/kept {4}\/out\/monitor\.txt: \d reports, the last with progress 1/g)).toHaveLength(4)
      expect(said.match(/kept {4}\/out\/result\.tsv: 6 of 6 candidates have a score/g)).toHaveLength(2)
      expect(said.match(/kept {4}\/out\/infer-result\.json: \d+ boxes on 6 candidates/g)).toHaveLength(2)
    }
    expect(await readdir(join(home, 'kept/jobs'))).toHaveLength(4)
    await rm(join(home, 'kept'), { recursive: true })
    expect(await leftBehind()).toEqual([])
  })

  test('is stopped by Ctrl-C, although it ignores SIGTERM, and nothing of it goes on', async () => {
    const { child, ended, said } = start([sampleImage, '--run', '--set', 'behave=forever'])
    await waitUntil('the image to run', () => said().includes('will never end'), { timeoutMs: 60_000 })
    process.kill(-(child.pid ?? 0), 'SIGINT')
    expect(await ended).toMatchObject({
      code: 2,
      said: expect.stringContaining('stopped by SIGINT') as string,
    })
    await waitUntil('its processes to be gone', () => !commandLines().some((line) => line.includes(home)))
    expect(await leftBehind()).toEqual([])
  })

  test('that is no image cannot be checked, and why is told', async () => {
    const { code, said } = await check([repository])
    expect(said).toContain("check-image: the image's folder has no start.sh")
    expect(said).toMatch(/verdict: not found out\n$/)
    expect(code).toBe(2)
  })

  test('without --run is described, and nothing of it runs', async () => {
    const told = await examine(sampleImage)
    expect(told).toContain('kept: object type: 2 (detection)\n')
    expect(told).toContain('kept: training: yes (5 parameters)\n')
    expect(told).toContain('noted: training-template.yaml sets gpu_id: the platform writes its own values\n')
    expect(told).not.toContain('hello from the sample image')
    expect(told).toMatch(/keeps the contract \(9 kept, 1 noted, 0 broken\)$/)
  })

  test('whose templates the platform would refuse is told file and remedy', async () => {
    const folder = await anImage('exit 0')
    await writeFile(join(folder, 'img-man/training-template.yaml'), 'export_format: papyrus:raw')
    expect(await examine(folder)).toContain(
      'noted: training-template.yaml: export_format "papyrus:raw": "papyrus" is unknown; such a job is refused\n',
    )
    await writeFile(join(folder, 'img-man/infer-template.yaml'), 'a: [1')
    expect(await examine(folder)).toMatch(
      /broken: \/img-man\/infer-template\.yaml is not YAML: .*breaks the contract/s,
    )
  })

  test('whose training fails is told exit code, cause and remedy', async () => {
    const told = await examine(sampleImage, { run: true, parameters: { behave: 'crash' } })
    expect(told).toContain('| Traceback: boom\n')
    expect(told).toMatch(
      /broken: the image ended with exit code 9: no training or validation data: the data is not there .*\n-> \S/,
    )
    expect(told).toContain('noted: mining and inference were not tried: there is no model')
    expect(told).toContain('breaks the contract')
  })

  test('that breaks promises is told each with its place', async () => {
    const folder = await anImage(
      `grep -q 'run_training: true' $YMIR_IN/env.yaml && {
        printf 'other 1 0.9 2' > $YMIR_OUT/monitor.txt; sleep 1; printf 'other 1 0.1 2' > $YMIR_OUT/monitor.txt
        echo weights > $YMIR_OUT/models/a.pt
        printf 'model_stages:\\n  a: {files: [a.pt]}\\n' > $YMIR_OUT/models/result.yaml; exit; }
      [ -e $YMIR_IN/models/a/a.pt ] || exit 3
      while read -r image; do echo "$image 0.5"; done < $YMIR_IN/candidate-index.tsv | head -3 > $YMIR_OUT/result.tsv
      printf '{"detection": {\\n"x.jpg": {"boxes": []}}}' > $YMIR_OUT/infer-result.json`,
    )
    const told = await examine(folder, { run: true })
    for (const line of [
      'noted: /out/monitor.txt:1: spaces for tabs\n-> Separate fields by tabs.\n',
      'noted: /out/monitor.txt:1: task_id is "other", not "t',
      'noted: /out/monitor.txt:1: progress went back; the highest is shown',
      'noted: /out/monitor.txt:1: the last report is not progress 1 and state 3 (done)',
      'noted: /out/models/result.yaml: stage "a" has none of mAP, maskAP, mIoU',
      'noted: /out/monitor.txt was never written: no progress is shown',
      'noted: /out/result.tsv: 3 of 6 candidates have a score',
      'broken: /out/infer-result.json:2: detection/x.jpg: "x.jpg" is no image of /in/candidate-index.tsv',
    ])
      expect(told).toContain(line)
  })

  test('that runs for longer than it may is stopped', async () => {
    const limits = { timeSeconds: 1, outputBytes: 2 ** 30, restarts: 0 }
    expect(await examine(sampleImage, { run: true, parameters: { behave: 'forever' }, limits })).toContain(
      'broken: the job was stopped after its time limit of 1 seconds',
    )
  })

  test('that does not train is tried with a model that is given', async () => {
    const folder = await anImage('cat $YMIR_IN/models/given/weights; exit 4')
    await rm(join(folder, 'img-man/training-template.yaml'))
    expect(await examine(folder, { run: true })).toContain('-> Give the files of one with --model <folder>.')
    const model = await mkdtemp(join(home, 'model-'))
    await writeFile(join(model, 'weights'), 'these weights\n')
    expect(await examine(folder, { run: true, model })).toContain('| these weights\n')
    const refused = examine(folder, { run: true, model: join(home, 'nowhere') })
    await expect(refused).rejects.toThrow("the model's folder cannot be read")
  })

  test('is not given parameters that no template has', async () => {
    await expect(examine(shellSample, { parameters: { iou_treshold: 1 } })).rejects.toThrow(
      'no template has iou_treshold; there are export_format, shm_size, time_limit_seconds, iou_threshold',
    )
  })
})

async function anImage(script: string): Promise<string> {
  const folder = await mkdtemp(join(home, 'image-'))
  await cp(sampleImage, folder, { recursive: true })
  await writeFile(join(folder, 'start.sh'), script)
  return folder
}

test.each([
  [['x', '--gpus', '99'], '--gpus 99: there are'],
  [['x', '--time-limit', 'soon'], '--time-limit soon: write a whole number'],
  [['x', 'y'], 'one image or folder is needed'],
  [['x', '--runn'], "Unknown option '--runn'"],
  [['x', '--set', 'steps'], '--set steps: write key=value'],
  [['x', '--set', 'steps=[1'], '--set steps=[1: the value is not YAML'],
])('%j is refused', async (words, problem) => {
  await expect(readRequest(words)).rejects.toThrow(problem)
})

test('parameters are set as YAML has them, and a name that is no folder is a container image', async () => {
  const words = ['ymir/x:1', '--run', '--set', 'steps=600', '--set', 'flip=true', '--set', 'name=a=b']
  expect(await readRequest(words)).toMatchObject({
    driver: { name: 'docker' },
    reference: 'ymir/x:1',
    run: true,
    parameters: { steps: 600, flip: true, name: 'a=b' },
  })
})

const found = await startPodman()
if ('reason' in found) console.log(`container images are not checked: ${found.reason}`)
const programs = [
  'bash',
  'sh',
  'awk',
  'cat',
  'cp',
  'date',
  'grep',
  'mkdir',
  'mktemp',
  'mv',
  'rm',
  'sed',
  'sort',
  'tr',
  'wc',
]

describe.skipIf('reason' in found)('a container image', { timeout: 180_000 }, () => {
  const engine = found as TestEngine // skipped otherwise
  const name = 'ymir/executor-shell'
  const onEngine = () => ({ DOCKER_HOST: engine.address, YMIR_JOB_OPEN_FILES: '4096' })

  beforeAll(async () => {
    // its Dockerfile's base, made of programs of this machine: no registry is needed
    await importImage(engine, 'docker.io/library/debian:bookworm-slim', programs, () => Promise.resolve())
    const context = { context: shellSample, src: ['Dockerfile', 'start.sh', 'img-man'] }
    const stream = await engine.engine.buildImage(context, { t: name, pull: false })
    await new Promise<void>((resolve, reject) =>
      engine.engine.modem.followProgress(stream, (error, events: { error?: string }[] | null) => {
        const failed = events?.find((event) => event.error)
        if (error ?? failed) reject(error ?? new Error(failed?.error))
        else resolve()
      }),
    )
  }, 120_000)
  afterAll(() => engine.stop(), 60_000)

  test('that its Dockerfile builds keeps the contract, and leaves no container', async () => {
    const [words = [], ...others] = documented.filter(([reference]) => reference === name)
    expect(others).toEqual([])
    const { code, said } = await check(words, onEngine())
    expect(said).toMatch(/\nverdict: keeps the contract \(22 kept, 1 noted, 0 broken\)\n$/)
    expect(code).toBe(0)
    expect(await engine.engine.listContainers({ all: true })).toEqual([])
  })
})

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      } catch {
        return '' // it ended meanwhile
      }
    })
}
