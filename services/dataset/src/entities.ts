import { Dataset } from './dataset/dataset.entity.ts'
import { Import } from './import/import.entity.ts'
import { Label } from './label/label.entity.ts'
import { Merge } from './merge/merge.entity.ts'
import { PredictionSet } from './prediction/prediction-set.entity.ts'
import { Project } from './project/project.entity.ts'
import { DatasetVersion } from './version/version.entity.ts'

export const entities = [Project, Label, Dataset, DatasetVersion, Import, Merge, PredictionSet]
