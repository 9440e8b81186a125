import { pipeline } from 'node:stream'
import { pipeline as finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Blobs } from '@ymir/blobs'
import { pack } from 'tar-stream'
import { stringify } from 'yaml'
import type { ModelRow, ModelStageRow } from '../model/model.entity.ts'

/**
 * `ymir-info.yaml` of a model package, version 2.0.0 (executor image contract, "Model package").
 * @param image name of the executor image that trained it
 */
export function packageInfo(model: ModelRow, stages: readonly ModelStageRow[], image: string): string {
  const stageInfo = (stage: ModelStageRow) => ({
    stage_name: stage.name,
    files: stage.files.map(({ name }) => name),
    timestamp: Math.floor(stage.savedAt.getTime() / 1000),
    ...stage.metrics,
    mAP: stage.reportedMap ?? 0,
  })
  return stringify({
    package_version: '2.0.0',
    object_type: 2,
    executor_config: { ...model.parameters, class_names: model.classes },
    task_context: {
      task_parameters: '',
      executor: image,
      producer: 'ymir',
      mAP: model.map50 ?? 0,
      type: 'training',
    },
    best_stage_name: stages.find(({ id }) => id === model.bestStageId)?.name ?? '',
    stages: Object.fromEntries(stages.map((stage) => [stage.name, stageInfo(stage)])),
  })
}

/**
 * A model package as a stream of gzipped tar: `ymir-info.yaml` and `<stage>/<file>`. The same model gives the same bytes.
 * A blob that is missing ends the stream with its error.
 */
export function packModel(model: ModelRow, stages: readonly ModelStageRow[], image: string, blobs: Blobs) {
  const tar = pack()
  const mtime = model.finishedAt ?? model.createdAt
  const fill = async () => {
    tar.entry({ name: 'ymir-info.yaml', mtime }, packageInfo(model, stages, image))
    for (const stage of stages)
      for (const { name, sha256, size } of stage.files) {
        // streamx's writable is a Node stream in all but its type
        const entry = tar.entry({
          name: `${stage.name}/${name}`,
          size,
          mtime,
        }) as unknown as NodeJS.WritableStream
        await finished(blobs.read(sha256), entry)
      }
    tar.finalize()
  }
  const gzip = createGzip({ level: 1 }) // weights hardly compress
  pipeline(tar, gzip, () => {}) // a failure reaches the reader through gzip
  fill().catch((error: Error) => tar.destroy(error))
  return gzip
}
