/** What tests of other folders need of the labeling service: tools that people label in, simulated. */
export { aLabelStudio } from '../connector/testing/label-studio-server.ts'
export { cvatRig, labelStudioRig, type Rig } from '../connector/testing/rig.ts'
