import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ApiClient } from './client.ts'

/**
 * Makes the folder of an executor image that trains by running a shell script, and registers it.
 * @param within an existing folder
 * @param script finds its folders in $IN and $OUT, and the image's own in $HERE
 * @param templates of what it can do
 */
export async function anExecutorImage(
  client: ApiClient,
  within: string,
  script: string,
  templates: readonly string[] = ['training-template.yaml'],
): Promise<{ id: string; folder: string }> {
  const folder = mkdtempSync(join(within, 'image-'))
  mkdirSync(join(folder, 'img-man'))
  for (const name of templates) writeFileSync(join(folder, 'img-man', name), "export_format: 'voc:raw'\n")
  const header = 'IN="$YMIR_IN" OUT="$YMIR_OUT" HERE="$(dirname "$0")"\n'
  writeFileSync(join(folder, 'start.sh'), `#!/bin/bash\n${header}${script}\n`)
  const mutation = `mutation ($input: RegisterExecutorImageInput!) {
    registerExecutorImage(input: $input) { executorImage { id } }
  }`
  const { registerExecutorImage } = await client.ask<{
    registerExecutorImage: { executorImage: { id: string } }
  }>(mutation, { input: { name: folder.slice(-6), driver: 'process', reference: folder } })
  return { id: registerExecutorImage.executorImage.id, folder }
}

/** Lines of a script that leave a model as the contract has it. */
export const leaveAModel = `
mkdir -p "$OUT/models/only"
echo weights > "$OUT/models/only/model.onnx"
echo '{best_stage_name: only, mAP: 0.5, model_stages: {only: {files: [model.onnx], timestamp: 1663934682, mAP: 0.5}}}' \\
  > "$OUT/models/result.yaml"`

/** Lines of a script that find a disc in each image, as the contract has it. */
export const findADisc = `
objects='{"boxes": [{"box": {"x": 4, "y": 5, "w": 20, "h": 10}, "class_name": "disc", "score": 0.75}]}'
found="$(sed -e 's#.*/##' -e 's#.*#"&": '"$objects#" "$IN/candidate-index.tsv" | paste -sd,)"
printf '{"detection": {%s}}' "$found" > "$OUT/infer-result.json"`

export interface Job {
  readonly state: string
  readonly failure: {
    readonly code: string
    readonly message: string
    readonly advice: string
    readonly exitCode: number | null
    readonly logTail: string
  } | null
}

export async function readJob(client: ApiClient, id: string): Promise<Job> {
  const query = `query ($id: ID!) {
    job(id: $id) { state attempt failure { code message advice exitCode logTail } }
  }`
  return (await client.ask<{ job: Job }>(query, { id })).job
}
