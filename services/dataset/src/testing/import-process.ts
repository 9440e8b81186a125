/** The imports of a service in a process of their own, to be killed: they go on with what is unfinished, then it ends. */
import { openBlobs } from '@ymir/blobs'
import { busMigrations, openBus } from '@ymir/bus'
import { openDatabase } from '@ymir/database'
import { entities } from '../entities.ts'
import { Imports } from '../import/imports.ts'
import { readImportSettings } from '../import/settings.ts'
import { migrations } from '../migrations.ts'

const [url, schema, natsUrl, home, batchImages] = process.argv.slice(2) as [
  ...[url: string, schema: string, natsUrl: string, home: string],
  batchImages: string, // started by a test only
]
const database = await openDatabase({ url, schema, entities, migrations: [...busMigrations, ...migrations] })
const bus = await openBus({ service: 'dataset', natsUrl, database })
const blobFolder = `${home}/blobs`
const imports = new Imports(
  { database, bus, blobs: await openBlobs(blobFolder), uploads: `${home}/uploads` },
  { ...readImportSettings({ home, blobs: blobFolder }), batchImages: Number(batchImages) },
)
await imports.start()
process.stdout.write('begun\n')
await imports.idle()
process.exit(0)
