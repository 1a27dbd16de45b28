import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STATEMENTS = `
  SELECT calls::int, plans::int, total_exec_time::int AS ms, total_plan_time::int
    AS plan_ms, rows::int, (total_exec_time * 1000 / greatest(calls, 1))::int
    AS micros_per_call, left(regexp_replace(query, '\\s+', ' ', 'g'), 200) AS query
    FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 40`;

/** What `--profile <folder>` records of a measure; without a folder, nothing. */
export class Profile {
  constructor(folder, measure) {
    Object.assign(this, { folder, measure });
  }

  /** For the program that is measured; it writes its profile when it ends. */
  get nodeArgs() {
    return this.folder ? ['--cpu-prof', `--cpu-prof-dir=${this.folder}`] : [];
  }

  /**
   * Runs `work` and records the cost of the server's statements meanwhile, those of the reference and of the seeds
   * included.
   */
  async of(world, work) {
    if (!this.folder) return work();
    await world.sql('SELECT pg_stat_statements_reset()');
    const result = await work();
    writeFileSync(
      join(this.folder, `${this.measure}-statements.json`),
      JSON.stringify(await world.sql(STATEMENTS), null, 2),
    );
    return result;
  }
}
