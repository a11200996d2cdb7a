import { harmless } from '../foundation/text.ts';
import { formatBytes } from '../foundation/units.ts';
import { describe } from '../step/action.ts';
import type { FinishedRun } from './follow.ts';
import type { HotPath } from './hot.ts';
import type { RunPlan } from './pass-actions.ts';

/** What is kept of a run in the evacuation's directory: the command, what rsync said, and what cost most. */
export function passLog(run: RunPlan, finished: FinishedRun, hot: readonly HotPath[]): Uint8Array {
  const { end, lines, complaints } = finished;
  const text = [
    `# ${run.job.job} on ${run.job.host}: ${run.fileSystem.mountpoint}`,
    `$ ${describe(run.job)}`,
    `# began ${new Date(end.startedAtMs).toISOString()}, ended ${new Date(end.endedAtMs).toISOString()}, code ${end.code}`,
    '',
    ...lines.map(harmless),
    ...section('standard error (the last lines)', complaints.tail),
    ...section(
      'what cost most',
      hot.map(({ path, bytes }) => `${formatBytes(bytes).padStart(8)}  ${path}`),
    ),
    '',
  ];
  return new TextEncoder().encode(text.join('\n'));
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', `# ${title}`, ...lines];
