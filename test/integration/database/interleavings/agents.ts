import { setTimeout as delay } from 'node:timers/promises';
import type { Pair } from '../reconcile/pair.ts';

export type Kind = 'LogReader' | 'Distribution';
const KINDS: readonly Kind[] = ['LogReader', 'Distribution'];

/** The agents of one database, which run at the distributor in Dallas. */
export class Agents {
  readonly #pair: Pair;
  readonly #database: string;
  readonly #killed = new Set<Kind>();

  constructor(pair: Pair, database: string) {
    this.#pair = pair;
    this.#database = database;
  }

  pause(kind: Kind): void {
    this.#pair.at('dallas').agents.pause(kind);
  }

  kill(kind: Kind): void {
    this.#pair.at('dallas').agents.kill(kind);
    this.#killed.add(kind);
  }

  /** A server that is started again brings its agents up before it can be reached itself: they wait for their next try. */
  restarted(): void {
    for (const kind of KINDS) this.#killed.add(kind);
  }

  /** All of them run again: a killed one would wait a minute for its next try. */
  async reviveAll(): Promise<void> {
    for (const kind of KINDS) {
      this.#pair.at('dallas').agents.resume(kind);
      if (!this.#killed.delete(kind)) continue;
      for (const [name] of await this.#jobs(kind))
        for (const verb of ['stop', 'start'])
          await this.#pair
            .run('dallas', 'msdb', `EXEC dbo.sp_${verb}_job @job_name = N'${String(name)}'`)
            .catch(running);
    }
  }

  #jobs(kind: Kind): Promise<readonly (readonly unknown[])[]> {
    return this.#pair.run(
      'dallas',
      'msdb',
      `SELECT j.name FROM dbo.sysjobs AS j JOIN dbo.syscategories AS c ON c.category_id = j.category_id
WHERE c.name = N'REPL-${kind}' AND j.name LIKE N'%-${this.#database}-%' AND j.enabled = 1`,
    );
  }

  /** Waits for as long as the agents' own pause is. */
  breathe(): Promise<void> {
    return delay(10);
  }

  async said(): Promise<string> {
    const rows = await this.#pair.run(
      'dallas',
      'distribution',
      'SELECT TOP (3) error_code, error_text FROM dbo.MSrepl_errors ORDER BY id DESC',
    );
    return rows.map(row => row.map(String).join(' ')).join('; ');
  }
}

/** It does not run, or it runs already. */
function running(thrown: unknown): void {
  if (typeof thrown === 'object' && thrown !== null && Reflect.get(thrown, 'number') === 22022) return;
  throw thrown;
}
