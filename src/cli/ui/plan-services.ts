import { resolve } from 'node:path';
import { sshConfigPath } from '../../evacuation/addresses.ts';
import { harmless } from '../../foundation/text.ts';
import { offersFor } from '../../inventory/discover/offers.ts';
import { candidates, type FoundSites } from '../../inventory/discover/plan.ts';
import { editable } from '../../plan/edit.ts';
import { examinePlan } from '../../plan/read.ts';
import { newPlan } from '../../plan/template.ts';
import type { FoundMachines, PlanWishes, ProposedPlan, Services } from '../../tui/services.ts';
import { discoverSites } from '../discover.ts';
import { checkPlanWords, hypervisorsOf, proposal } from '../init-plan.ts';
import type { Io } from '../io.ts';
import { sshConfigOption } from '../paths.ts';
import { createPlan, savePlan } from '../save-plan.ts';
import { sitesOf } from './plan-names.ts';

/** Plans as the screens edit them: proposed from what the sites show, read, completed, and written. */
export function planServices(
  io: Io,
  sshConfig: string | undefined,
): Pick<Services, 'proposePlan' | 'findMachines' | 'readPlan' | 'savePlan'> {
  return {
    proposePlan: async wishes => propose(io, wishes, sshConfig),
    findMachines: async (file, text) => find(io, file, text, sshConfig),
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
    ...hypervisorsOf(asked),
    sshConfig: sshConfigOption(io, asked.sshConfig),
  });
  const all = candidates(found.source).map(({ name }) => name);
  return {
    file: wishes.file,
    text: newPlan(proposal(io, asked, found)),
    offers: proposal(io, { ...asked, machines: all }, found).machines,
    troubles: troublesOf(found),
  };
}

/** The sites of a plan that is open, in its own names. */
async function find(
  io: Io,
  file: string,
  text: string,
  sshConfig: string | undefined,
): Promise<FoundMachines> {
  const { source, target, sshConfig: own, known } = sitesOf(editable(text).plain);
  const config = own === undefined ? undefined : sshConfigPath(own, resolve(io.cwd, file));
  const found = await discoverSites(io, {
    source,
    target,
    sshConfig: sshConfigOption(io, sshConfig) ?? config,
  });
  return { offers: offersFor(found, known, found.addresses), troubles: troublesOf(found) };
}

const troublesOf = ({ source, target }: FoundSites): string[] =>
  [...source.hypervisors, ...target.hypervisors].flatMap(({ name, troubles }) =>
    troubles.map(({ subject, error }) =>
      harmless(subject === name ? error.what : `${name}: ${subject}: ${error.what}`),
    ),
  );
