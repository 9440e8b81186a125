import app from '../app/app.en.json'
import asset from '../asset/asset.en.json'
import dataset from '../dataset/dataset.en.json'
import home from '../home/home.en.json'
import importing from '../import/import.en.json'
import iteration from '../iteration/iteration.en.json'
import job from '../job/job.en.json'
import label from '../label/label.en.json'
import labelling from '../labelling/labelling.en.json'
import model from '../model/model.en.json'
import plan from '../plan/plan.en.json'
import project from '../project/project.en.json'
import session from '../session/session.en.json'
import system from '../system/system.en.json'
import train from '../train/train.en.json'
import vendor from '../vendor/vendor.en.json'
import version from '../version/version.en.json'

/** All that there is to say: for the compiler and the tests. Pages fetch what they show (words.ts). */
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
  vendor,
  version,
}
