export { openDatabase, type DatabaseOptions } from './database.ts'
export { openTestDatabase } from './testing.ts'
