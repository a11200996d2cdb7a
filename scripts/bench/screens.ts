import { parseArgs } from 'node:util';
import { apply } from '../../src/journal/fold.ts';
import { createGateBook } from '../../src/readiness/gate-book.ts';
import { gatesOf } from '../../src/readiness/gates.ts';
import { reportOf } from '../../src/reports/model.ts';
import { rowsOf } from '../../src/reports/rows.ts';
import { stagesOf } from '../../src/reports/stages.ts';
import type { View } from '../../src/step/step.ts';
import { fleetOf, fleetTraffic } from '../../test/support/fleet.ts';
import { conditions } from './conditions.ts';
import { shown, spread } from './figures.ts';

/**
 * Processor time of one call, milliseconds: median, least and most of several. Wall time would measure what else the
 * machine does.
 */

const { values: options } = parseArgs({
  options: {
    machines: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '30' },
    json: { type: 'boolean', default: false },
  },
});
const machines = Number(options.machines);
const rounds = Number(options.rounds);

const fleet = fleetOf(machines);
const traffic = fleetTraffic(fleet);
const book = createGateBook();
let view: View = fleet;
let now = fleet.now;

const WORK: Readonly<Record<string, () => unknown>> = {
  'rowsOf: every machine of the overview': () => rowsOf(view, now),
  'stagesOf: the rail': () => stagesOf(view, now),
  'gate book, nothing changed': () => book.verdicts(view, now),
  'gate book, a second later': () => {
    now += 1000;
    return book.verdicts(view, now);
  },
  'the fold of one event': () => foldOne(),
  'gate book, one event later': () => book.verdicts(view, now),
  'gatesOf: every gate anew': () => gatesOf(view, now),
  'reportOf: the whole document': () => reportOf(view, now),
};

function foldOne(): void {
  const { value } = traffic.next();
  if (value !== undefined) view = { plan: view.plan, state: apply(view.state, value) };
}

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const results = Object.entries(WORK).map(([what, work]) => {
  const prepare = what.includes('one event later') ? foldOne : () => {};
  const measure = (): number => {
    prepare();
    return cpuMs(work);
  };
  for (let round = 0; round < rounds; round += 1) measure();
  return { what, ms: spread(Array.from({ length: rounds }, measure)) };
});

const circumstances = await conditions();
if (options.json)
  process.stdout.write(`${JSON.stringify({ machines, rounds, results, conditions: circumstances })}\n`);
else {
  const { cpu, cores, node, loadBefore } = circumstances;
  process.stdout.write(
    `${machines} machines, ${rounds} rounds; ${cores} x ${cpu}, Node ${node}, load ${loadBefore.toFixed(1)}\n`,
  );
  for (const { what, ms } of results) process.stdout.write(`${what.padEnd(40)} ${shown(ms, 2)} ms\n`);
}
