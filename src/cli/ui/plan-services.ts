import { resolve } from 'node:path';
import { harmless } from '../../foundation/text.ts';
import { candidates } from '../../inventory/discover-plan.ts';
import { examinePlan } from '../../plan/read.ts';
import type { PlanWishes, ProposedPlan, Services } from '../../tui/services.ts';
import { discoverSites } from '../discover.ts';
import { checkPlanWords, proposal } from '../init-plan.ts';
import type { Io } from '../io.ts';
import { sshConfigOption } from '../paths.ts';
import { createPlan, savePlan } from '../save-plan.ts';

/** Plans as the screens edit them: proposed from what the sites show, read, and written. */
export function planServices(
  io: Io,
  sshConfig: string | undefined,
): Pick<Services, 'proposePlan' | 'readPlan' | 'savePlan'> {
  return {
    proposePlan: async wishes => propose(io, wishes, sshConfig),
    readPlan: async file => (await examinePlan(resolve(io.cwd, file), io.clock.now())).text,
    savePlan: async (file, text, read) => {
      const path = resolve(io.cwd, file);
      await (read === undefined ? createPlan(path, text) : savePlan(path, text, read));
    },
  };
}

async function propose(io: Io, wishes: PlanWishes, sshConfig: string | undefined): Promise<ProposedPlan> {
  const asked = { ...wishes, sshConfig: wishes.sshConfig ?? sshConfig };
  await checkPlanWords(io, asked);
  const found = await discoverSites(io, {
    source: asked.source,
    target: asked.target,
    sshConfig: sshConfigOption(io, asked.sshConfig),
  });
  const all = candidates(found.source).map(({ name }) => name);
  const { newPlan } = await import('../../plan/template.ts');
  return {
    file: wishes.file,
    text: newPlan(proposal(io, asked, found)),
    offers: proposal(io, { ...asked, machines: all }, found).machines,
    troubles: [...found.source.hypervisors, ...found.target.hypervisors].flatMap(({ name, troubles }) =>
      troubles.map(({ subject, error }) =>
        harmless(subject === name ? error.what : `${name}: ${subject}: ${error.what}`),
      ),
    ),
  };
}
