export { BadImage, inspectImage, mediaTypes, type ImageFacts, type ImageFormat } from './image.ts'
export { checkImage } from './structure.ts'
