import type { Snapshot } from '../../evacuation/engine/session.ts';
import { formatBytes, formatDuration } from '../../foundation/units.ts';
import type { MachineState, PassState } from '../../journal/state.ts';
import { endedPasses, isGivenUp, literalBytes, own, sentBytes } from '../../readiness/copy.ts';
import { bootFailed, newestEndedProof } from '../../readiness/proofs.ts';
import { consoleFile } from '../../reports/proof.ts';
import { passJob, verifyJob } from '../../sync/names.ts';
import type { Item, View } from '../screen.ts';
import { sparkline } from '../text/bars.ts';
import { type Line, line, span } from '../text/line.ts';
import type { Column } from '../text/table.ts';
import { ageText, DASH } from './cells.ts';
import { layoutsOf } from './columns.ts';

/** How new bytes of the passes went, oldest first: falling is converging. */
export function trendOf(machine: MachineState | undefined, width: number, view: View): string {
  return sparkline(endedPasses(machine).map(literalBytes), width, view.glyphs);
}

/** The passes of a machine, newest first, with the forecast beside what came. */
export function passTable(
  view: View,
  name: string,
): { readonly title: string; readonly items: Item[]; readonly header: (width: number) => Line } {
  const machine = own(view.snapshot?.state.machines ?? {}, name);
  const passes = [...(machine?.passes ?? [])].reverse();
  // Where nothing runs for the machine a pass without an end was cut off.
  const isRunning = view.rows.find(row => row.name === name)?.running === true;
  const goesOn = (pass: PassState): boolean => isRunning && !isGivenUp(machine, pass);
  const layouts = layoutsOf(() => columnsOf(view, machine, goesOn), view.glyphs.ellipsis);
  const older = machine?.olderPasses;
  const trend = trendOf(machine, 20, view);
  return {
    title: [
      'passes, newest first',
      ...(trend.length > 1 ? [`literal bytes over time ${trend}`] : []),
      ...(older === undefined ? [] : [`${older.count} older ones sent ${formatBytes(older.sentBytes)}`]),
    ].join('   '),
    header: width => layouts(width).header,
    items: passes.map(pass => ({
      id: String(pass.pass),
      search: `${pass.pass} ${pass.kind} ${pass.reason} ${pass.judged?.verdict ?? ''}`,
      line: width => layouts(width).row(pass),
    })),
  };
}

function columnsOf(
  view: View,
  machine: MachineState | undefined,
  goesOn: (pass: PassState) => boolean,
): Column<PassState>[] {
  const right = { align: 'right' } as const;
  return [
    {
      title: 'pass',
      keep: 0,
      least: 5,
      most: 6,
      cell: pass => line(span(`${pass.pass} ${pass.kind === 'full' ? 'F' : view.glyphs.delta}`)),
    },
    {
      title: 'began',
      keep: 6,
      least: 10,
      most: 11,
      cell: pass => line(span(`${ageText(view.now - pass.startedAt)} ago`, 'muted')),
    },
    { title: 'literal', keep: 1, least: 7, most: 8, ...right, cell: pass => bytes(pass, literalBytes) },
    { title: 'sent', keep: 5, least: 7, most: 8, ...right, cell: pass => bytes(pass, sentBytes) },
    { title: 'took', keep: 0, least: 6, most: 7, ...right, cell: pass => took(view, pass, goesOn(pass)) },
    {
      title: 'forecast',
      keep: 2,
      least: 8,
      most: 8,
      ...right,
      cell: pass =>
        pass.predictedMs === undefined ? DASH : line(span(formatDuration(pass.predictedMs), 'muted')),
    },
    { title: 'off by', keep: 4, least: 6, most: 6, ...right, cell: offBy },
    {
      title: 'verdict',
      keep: 3,
      least: 16,
      most: 16,
      cell: pass =>
        isGivenUp(machine, pass)
          ? line(span(`${view.glyphs.dot} given up`, 'muted'))
          : verdictCell(view, pass, goesOn(pass)),
    },
    {
      title: 'mover',
      keep: 7,
      least: 6,
      most: 6,
      cell: pass => line(span(pass.mover, 'muted')),
    },
    {
      title: 'caught',
      keep: 4,
      least: 7,
      most: 11,
      cell: pass =>
        line(span(pass.ended?.consistency ?? '-', pass.ended?.consistency === 'smeared' ? 'warn' : 'muted')),
    },
    {
      title: 'why it was made',
      keep: 8,
      least: 16,
      most: 80,
      cell: pass => line(span(pass.reason, 'muted')),
    },
  ];
}

const bytes = (pass: PassState, of: typeof literalBytes): Line =>
  pass.ended === undefined ? DASH : line(span(formatBytes(of({ ...pass, ended: pass.ended }))));

function took({ now }: View, pass: PassState, isRunning: boolean): Line {
  if (pass.ended === undefined && !isRunning) return DASH;
  return pass.ended === undefined
    ? line(span(ageText(now - pass.startedAt), 'busy'))
    : line(span(formatDuration(pass.ended.ms)));
}

/** `+16%`: it took so much longer than was forecast. */
export function offByText(predictedMs: number | undefined, tookMs: number | undefined): string | undefined {
  if (predictedMs === undefined || tookMs === undefined || predictedMs <= 0) return undefined;
  const off = Math.round((tookMs / predictedMs - 1) * 100);
  return `${off > 0 ? '+' : ''}${off}%`;
}

function offBy(pass: PassState): Line {
  const text = offByText(pass.predictedMs, pass.ended?.ms);
  return text === undefined ? DASH : line(span(text, 'muted'));
}

/** A verdict as a person says it. */
export function verdictWords(verdict: NonNullable<PassState['judged']>['verdict']): string {
  if (verdict === 'first') return 'first pass';
  return verdict === 'exhausted' ? 'passes used up' : verdict.replace('-', ' ');
}

export function verdictCell(
  { glyphs }: View,
  pass: Pick<PassState, 'ended' | 'judged'>,
  isRunning = true,
): Line {
  if (pass.ended === undefined && !isRunning) return line(span(`${glyphs.dot} cut off`, 'muted'));
  if (pass.ended === undefined) return line(span(`${glyphs.busy} under way`, 'busy'));
  const verdict = pass.judged?.verdict;
  if (verdict === undefined) return DASH;
  const words = verdictWords(verdict);
  if (verdict === 'converged') return line(span(`${glyphs.ok} ${words}`, 'good'));
  if (verdict === 'not-converging' || verdict === 'exhausted')
    return line(span(`${glyphs.warn} ${words}`, 'warn'));
  return line(span(`${glyphs.busy} ${words}`, 'busy'));
}

/** The log of the copy that failed, where it was the last; otherwise of the newest pass that has ended, of the file system that gave trouble or else sent most. */
export function passLogOf({ snapshot }: Pick<View, 'snapshot'>, name: string): string | undefined {
  const failed = snapshot === undefined ? undefined : failedLogOf(snapshot, name);
  if (failed !== undefined) return failed;
  const machine = own(snapshot?.state.machines ?? {}, name);
  const proof = newestEndedProof(machine);
  // What a copy said that does not boot is what one wants to read, and only then.
  if (proof !== undefined && bootFailed(machine)) return consoleFile(proof.ended.console);
  const newest = endedPasses(machine).at(-1);
  if (newest === undefined) return undefined;
  const [first] = [...newest.ended.runs].sort(
    (a, b) => Number(b.code !== 0) - Number(a.code !== 0) || b.literalBytes - a.literalBytes,
  );
  return first === undefined ? undefined : `logs/${first.job}.log`;
}

/** A copy that fails leaves its log as well; the file system is the one that its error names. */
function failedLogOf({ state }: Snapshot, name: string): string | undefined {
  const machine = own(state.machines, name);
  const failure = machine?.failure;
  const [, kind, pass] = /\/(pass|verify)-(\d+)$/.exec(failure?.step ?? '') ?? [];
  if (failure === undefined || kind === undefined) return undefined;
  const named = new Set(failure.error.what.split(/[\s:,;"'()]+/));
  // File systems are copied in the same order in every pass.
  const runs = endedPasses(machine).at(-1)?.ended.runs ?? [];
  const index = Math.max(
    0,
    runs.findIndex(({ mountpoint }) => named.has(mountpoint)),
  );
  const job = kind === 'pass' ? passJob : verifyJob;
  return `logs/${job(name, Number(pass), index)}.log`;
}
