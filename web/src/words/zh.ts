import app from '../app/app.zh.json'
import asset from '../asset/asset.zh.json'
import dataset from '../dataset/dataset.zh.json'
import home from '../home/home.zh.json'
import importing from '../import/import.zh.json'
import iteration from '../iteration/iteration.zh.json'
import job from '../job/job.zh.json'
import label from '../label/label.zh.json'
import labelling from '../labelling/labelling.zh.json'
import model from '../model/model.zh.json'
import plan from '../plan/plan.zh.json'
import project from '../project/project.zh.json'
import session from '../session/session.zh.json'
import system from '../system/system.zh.json'
import train from '../train/train.zh.json'
import version from '../version/version.zh.json'

export default {
  app,
  asset,
  dataset,
  home,
  import: importing,
  iteration,
  job,
  label,
  labelling,
  model,
  plan,
  project,
  session,
  system,
  train,
  version,
}
