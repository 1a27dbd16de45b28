import { createHash } from 'node:crypto';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A migration is a list of statements. Forward only: a way back that was never tried would fail when needed. */
export abstract class SqlMigration implements MigrationInterface {
  /**
   * TypeORM orders by the number at the end of the name: YYYYMMDDHHmmss is not enough, it wants 13 digits
   * (milliseconds).
   */
  abstract readonly name: string;
  abstract statements(): string[];

  get checksum(): string {
    return createHash('sha256').update(this.statements().join(';\n')).digest('hex');
  }

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of this.statements()) await runner.query(statement);
    await runner.query('INSERT INTO migrations.checksums (name, checksum) VALUES ($1, $2)', [
      this.name,
      this.checksum,
    ]);
  }

  down(): Promise<void> {
    throw new Error(`${this.name}: migrations go forward only; write a new one`);
  }
}
