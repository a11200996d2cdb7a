import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LandfallError } from '../../foundation/errors.ts';
import { openEvacuationDirectory } from '../../journal/directory.ts';
import { problemLine } from '../../plan/format.ts';
import { examinePlan } from '../../plan/read.ts';
import type { PlanSummary } from '../../tui/services.ts';
import type { Io } from '../io.ts';
import { shortPath } from '../paths.ts';

/** The plans in ./plans, and the one of LANDFALL_PLAN, with what is wrong with each. */
export async function plansHere(io: Io, evacuations: readonly string[]): Promise<PlanSummary[]> {
  return Promise.all(
    (await planFiles(io)).map(async (path): Promise<PlanSummary> => {
      const file = shortPath(io, path);
      try {
        const { result } = await examinePlan(path, io.clock.now(), { running: true });
        if (!result.ok) {
          const errors = result.problems.filter(each => each.severity === 'error');
          return { file, lab: false, begun: false, problems: errors.map(problemLine) };
        }
        const { name, machines, lab } = result.plan;
        const begun = evacuations.includes(name);
        return { file, name, machines: Object.keys(machines).length, lab, begun, problems: [] };
      } catch (error) {
        if (!(error instanceof LandfallError)) throw error;
        return { file, lab: false, begun: false, problems: [error.facts.what] };
      }
    }),
  );
}

async function planFiles(io: Io): Promise<string[]> {
  const folder = join(io.cwd, 'plans');
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new LandfallError('plan.unreadable', {
      what: `the folder ${folder} cannot be read: ${error.message}`,
      where: { file: folder },
      next: [`ls -ld ${folder}`],
      cause: error,
    });
  });
  const named = io.env['LANDFALL_PLAN'];
  const here = found.filter(file => /\.ya?ml$/.test(file)).map(file => join(folder, file));
  return [
    ...new Set([...(named === undefined || named === '' ? [] : [join(io.cwd, named)]), ...here.sort()]),
  ];
}

/**
 * The plan file of an evacuation: the one in ./plans that has its name, so that an edited plan is noticed; otherwise
 * the frozen one, where nothing in it depends on the place of the file.
 */
export async function planFileOf(io: Io, root: string, name: string): Promise<string> {
  for (const path of await planFiles(io)) {
    const { result } = await examinePlan(path, io.clock.now(), { running: true }).catch((error: unknown) => {
      if (error instanceof LandfallError) return { result: undefined };
      throw error;
    });
    if (result?.ok === true && result.plan.name === name) return path;
  }
  const directory = await openEvacuationDirectory(root, name);
  const frozen = join(directory.path, 'plan.yaml');
  const { result } = await examinePlan(frozen, io.clock.now(), { running: true });
  const config = result.ok ? result.plan.ssh.config : undefined;
  if (config === undefined || config.startsWith('/') || config.startsWith('~/')) return frozen;
  throw new LandfallError('usage', {
    what: `the plan of ${name} names an ssh_config beside it (${config}), and the plan itself is not in ./plans`,
    next: ['start it from the folder of the plan, or: landfall run PATH/TO/PLAN.yaml'],
  });
}
