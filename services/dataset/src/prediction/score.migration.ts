import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Labels and scores beside the place of an asset's line, to filter by; absent in sets older than this until they are asked for. */
export class PredictionScores1700000190000 implements MigrationInterface {
  name = 'PredictionScores1700000190000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table prediction_lines add labels text[], add scores float8[]')
    await runner.query(
      'create index prediction_lines_unscored on prediction_lines (set_id) where scores is null',
    )
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index prediction_lines_unscored')
    await runner.query('alter table prediction_lines drop labels, drop scores')
  }
}
