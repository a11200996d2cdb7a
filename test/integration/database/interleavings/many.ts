import { parseArgs } from 'node:util';
import { Pair } from '../reconcile/pair.ts';
import { interleaving, type Outcome } from './interleaving.ts';

/** Many interleavings on one pair of doubles, a small database each: `scripts/test-interleavings --help`. */

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    /** A pair grows with what was done on it; so many share one. */
    each: { type: 'string', default: '25' },
    verbose: { type: 'boolean', default: false },
  },
});

const [count, first, each] = [Number(values.count), Number(values.seed), Number(values.each)];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const failed: { readonly seed: number; readonly why: string }[] = [];
const sum: Record<string, number> = {};
const begun = Date.now();

for (let from = first; from < first + count; from += each) {
  await using pair = await Pair.start('2022-enterprise');
  for (let seed = from; seed < Math.min(from + each, first + count); seed += 1) {
    try {
      add(await interleaving(pair, seed, `I${seed}`, values.verbose ? say : undefined));
      say(`seed ${seed}: equal, ${Math.round((Date.now() - begun) / 1_000)} s`);
    } catch (thrown) {
      const why = thrown instanceof Error ? `${thrown.message}\n${thrown.stack ?? ''}` : String(thrown);
      failed.push({ seed, why });
      say(`seed ${seed}: FAILED: ${why}`);
    }
  }
  const done = Math.min(from + each, first + count) - first;
  say(`${done} of ${count}, ${failed.length} failed, ${Math.round((Date.now() - begun) / 1_000)} s`);
}

say(
  Object.entries(sum)
    .map(([name, total]) => `${total} ${name}`)
    .join(', '),
);
say(failed.length === 0 ? `all ${count} equal` : `failed seeds: ${failed.map(({ seed }) => seed).join(' ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function add(outcome: Outcome): void {
  for (const [name, value] of Object.entries(outcome)) sum[name] = (sum[name] ?? 0) + value;
}
