import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration is a list of statements. Forward only: a way back that nobody has tried is no way back. */
export abstract class SqlMigration implements MigrationInterface {
  /**
   * TypeORM orders by the number at the end of the name: YYYYMMDDHHmmss is not enough, it wants 13 digits
   * (milliseconds).
   */
  abstract readonly name: string;
  abstract statements(): string[];

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of this.statements()) await runner.query(statement);
  }

  down(): Promise<void> {
    throw new Error(`${this.name}: migrations go forward only; write a new one`);
  }
}
