import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { z } from 'zod';
import { readCatalog } from '../../src/database/catalog/read.ts';
import { databaseTables } from '../../src/database/catalog/tables.ts';
import { compareRange, compareTable, type Side } from '../../src/database/compare/index.ts';
import { refOf } from '../../src/database/names.ts';
import { repairRows } from '../../src/database/reconcile/repair.ts';
import { systemClock } from '../../src/foundation/clock.ts';
import type { DatabaseTable } from '../../src/journal/database-facts.ts';
import { planSchema } from '../../src/plan/schema.ts';
import { conditions } from './conditions.ts';
import { plainCopy } from './reconcile-copy.ts';
import { highest, startBenchLab } from './reconcile-lab.ts';
import { DATABASE, type Scenario } from './reconcile-table.ts';

/**
 * One table of production and its clone, brought level: bytes over both connections (compared, rows out, rows in) against
 * a plain copy of the whole table (SELECT of all columns, INSERT BULK of the same types); rows compared a second against a plain SELECT of them, in the same run.
 */

const { values: options } = parseArgs({
  options: {
    /** Of few rows the one range in which most differ weighs too much; the limits are those of large tables. */
    rows: { type: 'string', default: '1000000' },
    /** `clustered 0.01, uniform 0.01`: only these. */
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(options.rows);
const CONTROL_MB = 250;

/** Share of the full copy's bytes that a scenario may cost. */
const SCENARIOS: readonly (Scenario & { readonly limit: number })[] = [
  { spread: 'clustered', share: 0.001, limit: 0.01 },
  { spread: 'clustered', share: 0.01, limit: 0.03 },
  { spread: 'clustered', share: 0.1, limit: 0.14 },
  { spread: 'uniform', share: 0.001, limit: 0.03 },
  { spread: 'uniform', share: 0.01, limit: 0.13 },
  { spread: 'uniform', share: 0.1, limit: 0.4 },
];

const only = options.only === '' ? undefined : options.only.split(',').map(each => each.trim());
const wanted = SCENARIOS.filter(
  ({ spread, share }) => only === undefined || only.includes(`${spread} ${share}`),
);

const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const signal = new AbortController().signal;

const circumstances = await conditions();
await using lab = await startBenchLab(rows);
const plan = planSchema.shape.databases.parse({
  [DATABASE]: {
    tier: 'bench',
    publisher: { address: '127.0.0.1', user: 'sa', password: 'env:SA' },
    subscriber: { address: '127.0.0.1', user: 'sa', password: 'env:SA' },
  },
})[DATABASE];
if (plan === undefined) throw new Error('no plan');
const FETCH = { maxdop: 1, lockTimeoutMs: 5000, json: true };
const work = { signal, ref: refOf(DATABASE, plan, undefined, 'bench') };

const bytesOf = (...sides: readonly Side[]): number =>
  sides.reduce((sum, { session }) => sum + session.traffic().received + session.traffic().sent, 0);

const selected = z.object({ rows: z.literal(rows), perSecond: z.number(), bytes: z.number() });
type Selected = z.infer<typeof selected>;

/** Rows a second of a plain SELECT of one table, or of both tables at once, and the bytes of the first. */
async function selectAll(...of: readonly ('publisher' | 'subscriber')[]): Promise<Selected> {
  const script = fileURLToPath(new URL('./reconcile-select.ts', import.meta.url));
  const { user, password } = lab.at('publisher');
  const ports = of.map(role => String(lab.at(role).port));
  const { stdout } = await execa(process.execPath, [script, user, password, ...ports]);
  return selected.parse(JSON.parse(stdout));
}

interface Measured extends Scenario {
  readonly limit: number;
  readonly differences: number;
  readonly comparedBytes: number;
  /** Compared, read and loaded. */
  readonly bytes: number;
  readonly perSecond: number;
  /** Of the full copy's bytes. */
  readonly ratio: number;
}

/** Compares; then compares again and repairs what is found as it is found; and proves that both are equal then. */
async function measure(
  left: Side,
  right: Side,
  table: DatabaseTable,
  scenario: (typeof SCENARIOS)[number],
  fullBytes: number,
): Promise<Measured> {
  const compare = { signal, clock: systemClock };
  const before = bytesOf(left, right);
  const begun = performance.now();
  let differences = 0;
  for await (const verdict of compareTable(left, right, table, compare))
    differences += verdict.differences.length;
  const seconds = (performance.now() - begun) / 1000;
  const compared = bytesOf(left, right);
  for await (const verdict of compareTable(left, right, table, compare))
    await repairRows(work, { left, right }, table, verdict.differences, FETCH);
  const repaired = bytesOf(left, right);
  if (!(await compareRange(left, right, table, {}, compare)).equal)
    throw new Error('the repair did not hold');
  return {
    ...scenario,
    differences,
    comparedBytes: compared - before,
    perSecond: rows / seconds,
    bytes: repaired - compared,
    ratio: (repaired - compared) / fullBytes,
  };
}

say(`loading ${rows} rows into both`);
await lab.load();
const publisher = lab.connect('publisher');
const subscriber = lab.connect('subscriber');
try {
  const [table] = databaseTables(await readCatalog(publisher, 'publisher', DATABASE));
  if (table === undefined) throw new Error('no table');
  await publisher.session(DATABASE, one =>
    subscriber.session(DATABASE, async other => {
      const left: Side = { session: one, role: 'publisher', database: DATABASE };
      const right: Side = { session: other, role: 'subscriber', database: DATABASE };
      const rowBytes = await plainCopy(lab, Math.min(rows, 10_000));
      const select = await selectAll('publisher');
      const both = await selectAll('publisher', 'subscriber');
      say(
        `a plain SELECT: ${Math.round(select.perSecond)} rows/s, ${Math.round(select.bytes / rows)} bytes a row`,
      );
      const all: Measured[] = [];
      for (const scenario of wanted) {
        await lab.drift(scenario);
        const measured = await measure(left, right, table, scenario, rowBytes * rows);
        say(
          `${scenario.spread} ${percent(scenario.share)}: ${measured.differences} differences, ${percent(measured.ratio)} of the full copy (limit ${percent(scenario.limit)}), ${Math.round(measured.perSecond)} rows/s`,
        );
        all.push(measured);
      }
      const again = await selectAll('publisher');
      report(all, { first: select, again, both, rowBytes });
      // Bytes are the same in every run, and so is this; seconds are the machine's.
      if (all.some(({ ratio, limit }) => ratio > limit)) process.exitCode = 1;
    }),
  );
} finally {
  await publisher.close();
  await subscriber.close();
}

interface Baselines {
  readonly first: Selected;
  readonly again: Selected;
  /** Of both tables at once: what a comparison in the control process would read. */
  readonly both: Selected;
  readonly rowBytes: number;
}

function report(all: readonly Measured[], { first, again, both, rowBytes }: Baselines): void {
  const fastest = Math.max(first.perSecond, again.perSecond);
  const controlMB = highest('self');
  const figures = {
    rows,
    selectPerSecond: [first.perSecond, again.perSecond],
    selectBothPerSecond: both.perSecond,
    selectBytesPerRow: first.bytes / rows,
    fullCopyBytesPerRow: rowBytes,
    controlMB,
    controlLimitMB: CONTROL_MB,
    serversMB: lab.memory(),
    scenarios: all.map(each => ({
      ...each,
      comparedOfSelect: each.comparedBytes / first.bytes,
      rateOfSelect: each.perSecond / fastest,
      rateOfSelectBoth: each.perSecond / both.perSecond,
    })),
    conditions: circumstances,
  };
  if (options.json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const { cpu, cores, node, loadBefore } = circumstances;
  const lines = [
    `${cores} x ${cpu}, Node ${node}, load ${loadBefore.toFixed(1)}, ${rows} rows`,
    `full copy (SELECT and INSERT BULK of native types): ${rowBytes.toFixed(0)} bytes a row over both connections; SELECT alone ${(first.bytes / rows).toFixed(0)}, ${Math.round(first.perSecond)} and ${Math.round(again.perSecond)} rows/s`,
    `control process ${controlMB.toFixed(0)} MB at most (limit ${CONTROL_MB})`,
    '',
    'differences              of full copy   limit    compared    in all   compared/SELECT   rows/s of SELECT of both, of one',
  ];
  for (const each of figures.scenarios)
    lines.push(
      [
        `${each.spread} ${percent(each.share)}`.padEnd(24),
        percent(each.ratio).padStart(12),
        percent(each.limit).padStart(8),
        `${(each.comparedBytes / 1e6).toFixed(1)} MB`.padStart(11),
        `${(each.bytes / 1e6).toFixed(1)} MB`.padStart(10),
        percent(each.comparedOfSelect).padStart(17),
        each.rateOfSelectBoth.toFixed(2).padStart(26),
        each.rateOfSelect.toFixed(2).padStart(8),
      ].join(''),
    );
  process.stdout.write(`${lines.join('\n')}\n`);
}
