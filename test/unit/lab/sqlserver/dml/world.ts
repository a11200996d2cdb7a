import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../../../src/foundation/clock.ts';
import { PRODUCTS, type ProductName } from '../../../../../src/lab/sqlserver/server/products.ts';
import type { Reply, ResultColumn } from '../../../../../src/lab/sqlserver/server/replies.ts';
import type { BulkRows, Session } from '../../../../../src/lab/sqlserver/server/requests.ts';
import { ServerInstance } from '../../../../../src/lab/sqlserver/server/server.ts';
import { textOf, type Value } from '../../../../../src/lab/sqlserver/values/index.ts';

export interface Fault {
  readonly number: number;
  readonly text: string;
}

/** What a batch has answered, with values as CONVERT to text shows them. */
export interface Answer {
  readonly sets: readonly (readonly (readonly (string | null)[])[])[];
  readonly faults: readonly Fault[];
  readonly messages: readonly string[];
  readonly counts: readonly number[];
}

/** A server without its wire: sessions over a real store. */
export class World {
  readonly instance: ServerInstance;
  readonly session: Session;

  constructor(product: ProductName = '2022-enterprise') {
    const directory = mkdtempSync(join(tmpdir(), 'dml-'));
    this.instance = new ServerInstance({
      directory,
      name: 'MIAMI',
      product: PRODUCTS[product],
      clock: systemClock,
      random: { next: Math.random, bytes: count => crypto.getRandomValues(new Uint8Array(count)) },
      host: '127.0.0.1',
      saPassword: 'Hurricane1',
      trust: 'secret',
      pace: { pollingMs: 100, logReaderDelayMs: 0, distributionDelayMs: 0 },
    });
    this.instance.createDatabase({ name: 'PubDB' });
    this.session = this.open();
    onTestFinished(async () => {
      await this.instance.close();
      rmSync(directory, { recursive: true, force: true });
    });
  }

  open(application = 'test'): Session {
    return this.instance.login({
      user: 'sa',
      password: 'Hurricane1',
      database: 'PubDB',
      application,
      host: 'here',
      address: '127.0.0.1',
    });
  }

  run(text: string, session = this.session): Promise<Answer> {
    return answerOf(session.batch(text, new AbortController().signal));
  }

  bulk(rows: BulkRows, session = this.session): Promise<Answer> {
    return answerOf(session.bulk(rows, new AbortController().signal));
  }

  /** Runs what must not fail. */
  async done(text: string, session = this.session): Promise<Answer> {
    const answer = await this.run(text, session);
    const [fault] = answer.faults;
    if (fault) throw new Error(`${fault.number} ${fault.text} in ${text}`);
    return answer;
  }

  /** Rows of the last result, each as one text with blanks between; NULL as ∅. */
  async rows(text: string, session = this.session): Promise<readonly string[]> {
    const answer = await this.done(text, session);
    return (answer.sets.at(-1) ?? []).map(row => row.map(value => value ?? '∅').join(' '));
  }

  /** Numbers of the errors that a batch gives. */
  async faults(text: string, session = this.session): Promise<readonly number[]> {
    return (await this.run(text, session)).faults.map(fault => fault.number);
  }

  /** The first error of a batch, number and text. */
  async fault(text: string, session = this.session): Promise<string> {
    const [fault] = (await this.run(text, session)).faults;
    return fault ? `${fault.number} ${fault.text}` : 'no fault';
  }
}

export async function answerOf(replies: AsyncIterable<Reply>): Promise<Answer> {
  const sets: (readonly (string | null)[])[][] = [];
  const faults: Fault[] = [];
  const messages: string[] = [];
  const counts: number[] = [];
  let columns: readonly ResultColumn[] = [];
  for await (const reply of replies) {
    if (reply.reply === 'columns') {
      columns = reply.columns;
      sets.push([]);
    } else if (reply.reply === 'rows') sets.at(-1)?.push(...reply.rows.map(row => texts(row, columns)));
    else if (reply.reply === 'message') {
      const { number, text, severity } = reply.message;
      if (severity > 10) faults.push({ number, text });
      else messages.push(text);
    } else if (reply.reply === 'done' && reply.count !== undefined) counts.push(reply.count);
  }
  return { sets, faults, messages, counts };
}

const texts = (row: readonly Value[], columns: readonly ResultColumn[]): readonly (string | null)[] =>
  row.map((value, at) => {
    const column = columns[at];
    return value === null || !column ? null : textOf(value, column.type);
  });
