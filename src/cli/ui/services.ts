import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { EvacuationSummary } from '../../evacuation/engine/find.ts';
import type { Session } from '../../evacuation/engine/session.ts';
import { LandfallError } from '../../foundation/errors.ts';
import { harmless } from '../../foundation/text.ts';
import type { EvacuationDirectory } from '../../journal/directory.ts';
import type { Finding, Services } from '../../tui/services.ts';
import { clientOf } from '../engineer.ts';
import type { Io } from '../io.ts';
import { sshConfigOption } from '../paths.ts';
import type { ScreensOptions } from '../ui.ts';
import { VERSION } from '../version.ts';

/** How much of the end of a log a screen shows. */
const TAIL_BYTES = 64 * 1024;

/** What the screens may ask of this machine. */
export function servicesOf(io: Io, { root, sshConfig }: ScreensOptions): Services {
  const session = async (name: string): Promise<Session> => {
    const { attach } = await import('../../evacuation/engine/client.ts');
    try {
      return await attach({ root, name, landfall: VERSION, ...clientOf(io, 'ui') });
    } catch (error) {
      if (error instanceof LandfallError && error.code === 'engine.absent') {
        const { openRecorded } = await import('../../evacuation/engine/recorded.ts');
        return openRecorded({ root, name, clock: io.clock });
      }
      throw error;
    }
  };
  const ssh = (): string | undefined => sshConfigOption(io, sshConfig);
  // Only who makes or edits a plan pays for its parser and for the look at the sites.
  const plans = async () => (await import('./plan-services.ts')).planServices(io, sshConfig);

  return {
    evacuations: () => evacuations(root),
    plans: async () => {
      const [{ plansHere }, { listEvacuations }] = await Promise.all([
        import('./plans.ts'),
        import('../../journal/directory.ts'),
      ]);
      return plansHere(io, await listEvacuations(root));
    },
    open: session,
    start: async what => {
      const { startEngine } = await import('../engine-start.ts');
      const isRehearsal = 'name' in what && (await isLab(root, what.name));
      if (isRehearsal) return session(await rehearsal(io, root, what.name));
      const planFile = 'plan' in what ? what.plan : await planFileOf(io, root, what.name);
      // An evacuation that had begun was approved before; a fresh one is walked stage by stage.
      const begun = 'name' in what;
      const { name } = await startEngine(io, { planFile, root, sshConfig: ssh(), stepByStep: !begun });
      return session(name);
    },
    rehearse: async () => session(await rehearsal(io, root)),
    examine: async name => examine(io, root, name, ssh()),
    saveReport: async report => {
      const { markdownOf } = await import('../../reports/markdown.ts');
      const directory = await directoryOf(root, report.evacuation.name);
      const stamp = report.generated.replaceAll(':', '').slice(0, 17);
      return directory.writeArtifact(`reports/readiness-${stamp}.md`, markdownOf(report));
    },
    tail: async (name, relative) => {
      const { path } = await directoryOf(root, name);
      return tailOf(join(path, safeRelative(relative)));
    },
    notes: async name => {
      const { path } = await directoryOf(root, name);
      return tailOf(join(path, 'notes.md'));
    },
    proposePlan: async wishes => (await plans()).proposePlan(wishes),
    findMachines: async (file, text) => (await plans()).findMachines(file, text),
    readPlan: async file => (await plans()).readPlan(file),
    savePlan: async (file, text, read) => (await plans()).savePlan(file, text, read),
  };
}

// The first screen stands before anything that reads plans, journals or hosts is loaded.
const evacuations = async (root: string): Promise<readonly EvacuationSummary[]> =>
  (await import('../../evacuation/engine/find.ts')).findEvacuations({ root });
const directoryOf = async (root: string, name: string): Promise<EvacuationDirectory> =>
  (await import('../../journal/directory.ts')).openEvacuationDirectory(root, name);
const planFileOf = async (io: Io, root: string, name: string): Promise<string> =>
  (await import('./plans.ts')).planFileOf(io, root, name);

/** A rehearsal that is named goes on, or stays for orders where it is over; without a name, as `landfall rehearse`. */
async function rehearsal(io: Io, root: string, wanted?: string): Promise<string> {
  const { startRehearsal } = await import('../engine-start.ts');
  const named = wanted === undefined ? {} : { name: wanted };
  const { name } = await startRehearsal(io, { root, ...named, stepByStep: true });
  return name;
}

async function isLab(root: string, name: string): Promise<boolean> {
  const all: readonly EvacuationSummary[] = await evacuations(root);
  return all.some(each => each.name === name && each.lab);
}

async function examine(
  io: Io,
  root: string,
  name: string | undefined,
  sshConfig: string | undefined,
): Promise<Finding[]> {
  const { examineHosts, examineMachine } = await import('../examine.ts');
  const here = await examineMachine(io, root);
  if (name === undefined) return here;
  const hosts = await examineHosts(io, await planFileOf(io, root, name), sshConfig);
  return [...here, ...hosts].map(({ subject, verdict, found, evidence, next }) => ({
    subject,
    verdict,
    found,
    ...(evidence === undefined ? {} : { evidence }),
    ...(next === undefined ? {} : { next }),
  }));
}

/** A path inside the evacuation's directory, from names that may come from a plan. */
function safeRelative(relative: string): string {
  if (isAbsolute(relative) || relative.split('/').includes('..')) {
    throw new LandfallError('bug', {
      what: `the screens asked for a log outside of the evacuation: ${harmless(relative)}`,
      next: ['report this with the journal of the evacuation'],
    });
  }
  return relative;
}

/** The last lines of a file; none where there is no such file yet. */
async function tailOf(path: string): Promise<string[]> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new LandfallError('state.damaged', {
      what: `${path} cannot be read: ${error.message}`,
      where: { file: path },
      next: ['look at the permissions of the evacuation directory'],
      cause: error,
    });
  });
  if (handle === undefined) return [];
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - from);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first line is cut where the file is longer than what was read.
    return (from > 0 ? lines.slice(1) : lines).filter(
      (line, index, all) => line !== '' || index < all.length - 1,
    );
  } finally {
    await handle.close();
  }
}
