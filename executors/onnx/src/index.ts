/** The detector as a library: train, detect and mine without the contract's folders. */
export type { Detection, LabelledBox, LabelledImage } from './objects.ts'
export { ExecutorFailure, failureCode, type FailureKind } from './contract/failure.ts'
export { runJob } from './jobs/run-job.ts'
export type { JobFolders } from './contract/paths.ts'
export { train } from './training/train.ts'
export type {
  StepReport,
  TrainedStage,
  TrainingObserver,
  TrainingParameters,
  TrainingRequest,
} from './training/train.ts'
export { Trainer, type StepLosses } from './training/trainer.ts'
export type { Augmentation } from './training/view.ts'
export { evaluate, type Evaluation } from './training/evaluation.ts'
export { Detector, type DetectionLimits } from './detector/detector.ts'
export { inferenceGraph } from './detector/inference-graph.ts'
export { networkWidths } from './detector/network.ts'
export { encodeWeights, decodeWeights } from './detector/safetensors.ts'
export {
  initialWeights,
  transferWeights,
  type DetectorSpecification,
  type DetectorWeights,
} from './detector/weights.ts'
export { detectImages, type ImageDetections } from './inference/detect-images.ts'
export { imageScore, miningAggregations, miningStrategies } from './mining/scores.ts'
export type { MiningAggregation, MiningStrategy, ScoreOptions } from './mining/scores.ts'
