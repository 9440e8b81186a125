import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How long the answers of vendors took, as they say. */
export class AnswerSeconds1700000250000 implements MigrationInterface {
  name = 'AnswerSeconds1700000250000'

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table labelling_items add answer_seconds double precision`)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table labelling_items drop answer_seconds`)
  }
}
