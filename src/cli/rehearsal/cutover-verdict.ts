import { checklistOf } from '../../checklist/index.ts';
import { counted, formatBytes, formatDuration } from '../../foundation/units.ts';
import type { MachineState, State } from '../../journal/state.ts';
import type { LabClient } from '../../lab/client.ts';
import type { LabDoor, LabTree } from '../../lab/control/protocol.ts';
import type { Plan } from '../../plan/schema.ts';
import { type Difference, differencesOf, onMachine } from './compare-trees.ts';
import { AFTER_ABORT, type Story } from './story.ts';

/** What came of the rehearsal of a cutover, looked at from outside: sockets, trees, and what was announced. */

export interface Finding {
  readonly ok: boolean;
  readonly line: string;
}

export interface Looked {
  readonly story: Story;
  readonly plan: Plan;
  readonly state: State;
  readonly lab: Pick<LabClient, 'doors' | 'trees'>;
  readonly now: number;
}

export async function findingsOf(looked: Looked): Promise<Finding[]> {
  const { story, lab, state } = looked;
  const [doors, trees] = [await lab.doors(), await lab.trees()];
  const ended = state.cutover?.ended;
  const outcome: Finding =
    story === 'abort'
      ? {
          ok: ended?.outcome === 'rolled-back',
          line: 'the cutover was aborted before the line and taken back',
        }
      : { ok: ended?.outcome === 'committed', line: 'the cutover went to its end' };
  if (!outcome.ok) return [outcome];
  const { standbyId } = await import('../../lab/machine-names.ts');
  const rest = {
    cutover: async () => [
      ...(await serving(looked, doors, standbyId)),
      ...contents(looked, trees),
      ...rows(state),
      ...times(looked),
    ],
    abort: async () => [
      ...(await serving(looked, doors, machine => machine)),
      noStandby(trees),
      ...smallPasses(state),
    ],
    'site-lost': async () => [
      ...(await serving(looked, doors, standbyId)),
      ...losses(looked, trees),
      ...rows(state),
      ...times(looked),
    ],
  }[story];
  return [outcome, ...(await rest())];
}

/** Every service that others reached at the source answers where it has to be now, and says who it is. */
async function serving(
  { state, plan }: Looked,
  doors: readonly LabDoor[],
  hostOf: (machine: string) => string,
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const machine of Object.keys(plan.machines)) {
    const sockets = state.machines[machine]?.observed?.guest.sockets ?? [];
    const ports = sockets.flatMap(({ address, port }) =>
      address === '0.0.0.0' && port !== 22 ? [port] : [],
    );
    for (const port of ports) {
      const door = doors.find(each => each.host === hostOf(machine) && each.port === port);
      const said = door === undefined ? 'nothing listens' : await answerOf(door);
      const ok = said.startsWith(`${machine} `);
      found.push({
        ok,
        line: `${machine}:${port} ${ok ? `answers at ${door?.address}` : `does not answer: ${said}`}`,
      });
    }
  }
  return found;
}

async function answerOf({ address, realPort }: LabDoor): Promise<string> {
  try {
    const response = await fetch(`http://${address}:${realPort}/`);
    return (await response.text()).trim();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface Compared {
  readonly machine: string;
  readonly differences: readonly Difference[];
}

/** The standby beside the last content of its source, without what its fix-ups changed on purpose. */
function compared({ plan, state }: Looked, trees: readonly LabTree[]): Compared[] {
  return Object.keys(plan.machines).map(machine => {
    const changed = changedOnPurpose(state.machines[machine]);
    const differences = trees
      .filter(tree => tree.machine === machine)
      .flatMap(({ mountpoint, sourceDirectory, standbyDirectory }) =>
        standbyDirectory === undefined
          ? [{ path: mountpoint, how: 'missing' as const, bytes: 0, writtenAt: 0 }]
          : differencesOf(sourceDirectory, standbyDirectory).map(each => ({
              ...each,
              path: onMachine(mountpoint, each.path),
            })),
      )
      .filter(({ path }) => !changed(path));
    return { machine, differences };
  });
}

/** What a kernel mounts over: nobody sees there what the disk holds. */
const HIDDEN = /^\/(?:dev|proc|run|sys|tmp)\//;

/** What a cutover changes in the copied system: the files of its fix-ups, and what a boot loader's tools write. */
function changedOnPurpose(machine: MachineState | undefined): (path: string) => boolean {
  const edits = new Set((machine?.fixups?.fixups ?? []).flatMap(each => each.edits.map(({ path }) => path)));
  return path =>
    edits.has(path) || HIDDEN.test(path) || /^\/boot\/(?:grub\/i386-pc(?:\/|$)|initrd\.img-)/.test(path);
}

function contents(looked: Looked, trees: readonly LabTree[]): Finding[] {
  return compared(looked, trees).map(({ machine, differences }) => ({
    ok: differences.length === 0,
    line:
      differences.length === 0
        ? `${machine}: every file is what its source had last`
        : `${machine}: ${counted(differences.length, 'file')} differ: ${shown(differences)}`,
  }));
}

const shown = (differences: readonly Difference[]): string =>
  `${differences
    .slice(0, 3)
    .map(({ path, how }) => `${path} (${how})`)
    .join(', ')}${differences.length > 3 ? ' …' : ''}`;

/** What is missing at the target, beside what was announced when the source still answered. */
function losses(looked: Looked, trees: readonly LabTree[]): Finding[] {
  return compared(looked, trees).flatMap(({ machine, differences }): Finding[] => {
    const known = looked.state.machines[machine];
    const { measured, verified } = known ?? {};
    if (measured === undefined || verified === undefined)
      return [{ ok: false, line: `${machine}: nothing was announced` }];
    const lost = differences.filter(({ how }) => how !== 'extra');
    const bytes = lost.reduce((sum, each) => sum + each.bytes, 0);
    const early = lost.filter(({ writtenAt }) => writtenAt < verified.passStartedAt);
    const same = bytes === measured.bytes;
    return [
      {
        ok: same,
        line: `${machine}: lost ${counted(lost.length, 'file')}, ${formatBytes(bytes)}; announced ${counted(measured.files, 'file')}, ${formatBytes(measured.bytes)}${same ? '' : `: ${shown(lost)}`}`,
      },
      ...(early.length === 0
        ? []
        : [{ ok: false, line: `${machine}: older than the announced instant, and lost: ${shown(early)}` }]),
    ];
  });
}

function rows({ databases }: State): Finding[] {
  return Object.values(databases).map(({ name, handover }) => {
    const ended = handover?.ended;
    const lost = ended?.lost ?? [];
    return {
      ok: ended !== undefined && (handover?.dark === true || lost.length === 0),
      line:
        ended === undefined
          ? `${name}: it was not handed over`
          : `${name}: ${lost.length === 0 ? 'no row is lost' : lost.join('; ')}`,
    };
  });
}

const noStandby = (trees: readonly LabTree[]): Finding => {
  const left = trees.filter(({ standbyDirectory }) => standbyDirectory !== undefined);
  return {
    ok: left.length === 0,
    line:
      left.length === 0
        ? 'no standby runs'
        : `standbys still run: ${left.map(({ machine }) => machine).join(', ')}`,
  };
};

/** No full copy is ever needed again. */
function smallPasses({ machines }: State): Finding[] {
  return Object.values(machines).map(({ name, passes }) => {
    const next = passes.find(({ reason }) => reason === AFTER_ABORT);
    const ok = next?.kind === 'delta' && next.ended !== undefined;
    return {
      ok,
      line: ok
        ? `${name}: the next pass was a difference of ${formatBytes((next.ended?.runs ?? []).reduce((sum, run) => sum + run.literalBytes, 0))}`
        : `${name}: the next pass was ${next?.kind ?? 'none'}`,
    };
  });
}

/** What users noticed, beside what their tier allows. */
function times({ plan, state, now }: Looked): Finding[] {
  const list = checklistOf({ plan, state }, now);
  return list.outages.flatMap(({ subject, lostAt, backAt, rtoMs }): Finding[] => {
    if (lostAt === undefined || backAt === undefined) return [];
    const ms = backAt - lostAt;
    return [
      {
        ok: rtoMs === undefined || ms <= rtoMs,
        line: `${subject}: gone for ${formatDuration(ms)}${rtoMs === undefined ? '' : `, allowed ${formatDuration(rtoMs)}`}`,
      },
    ];
  });
}
