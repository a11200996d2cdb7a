import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { LabClient } from '../../src/lab/client.ts';

/** Of the lab's plan, only what is changed here; the rest is handed on as it was written. */
const labPlan = z.looseObject({
  name: z.string(),
  hypervisors: z.record(z.string(), z.looseObject({ site: z.string(), address: z.string() })),
  machines: z.record(
    z.string(),
    z.looseObject({
      source: z.looseObject({ address: z.string(), hypervisor: z.string() }),
      target: z.looseObject({ address: z.string() }),
    }),
  ),
});

export interface ManyHosts {
  readonly plan: string;
  readonly sshConfig: string;
  /** Machines that answer, with the lab host that each of them is. */
  readonly living: ReadonlyMap<string, string>;
  readonly hypervisors: number;
}

export const DEAD = 'dead';

/**
 * A plan of many machines over the few hosts of a lab, written into `directory`: the lab's source site again and again,
 * hypervisors and machines each under a name of its own, with an SSH connection and a collector of its own. With `dead`
 * there is one more machine, the first of the plan, at an address that takes connections and never says a word.
 */
export async function planOfMany(
  lab: LabClient,
  directory: string,
  asked: { readonly name: string; readonly living: number; readonly dead?: { readonly port: number } },
): Promise<ManyHosts> {
  const read = labPlan.parse(parse(await readFile(lab.paths.plan, 'utf8')));
  const { databases: _databases, external: _external, dns: _dns, ...written } = read;
  const real = Object.entries(written.machines);
  const config = await readFile(lab.paths.sshConfig, 'utf8');
  const hosts: string[] = [];
  const alias = (name: string, host: string): void => {
    hosts.push(`Host ${name}\n  HostName ${hostName(config, host)}\n`);
  };
  const hypervisors = Object.fromEntries(
    Object.entries(written.hypervisors).filter(([, { site }]) => site === 'dallas'),
  );
  const machineAt = (index: number, name: string): object => {
    const [host, machine] = real[index % real.length] ?? [];
    if (host === undefined || machine === undefined) throw new Error('the lab has no machines');
    const { after: _after, ...each } = machine;
    const hypervisor = `${each.source.hypervisor}-${Math.floor(index / real.length) + 1}`;
    if (!Object.hasOwn(hypervisors, hypervisor)) {
      const like = written.hypervisors[each.source.hypervisor];
      if (like === undefined) throw new Error(`the lab has no hypervisor ${each.source.hypervisor}`);
      hypervisors[hypervisor] = { ...like, address: hypervisor };
      alias(hypervisor, each.source.hypervisor);
    }
    if (name !== DEAD) alias(name, host);
    return {
      ...each,
      source: { ...each.source, hypervisor, domain: host, address: name },
      target: { ...each.target, address: `127.77.2.${index + 11}` },
    };
  };
  const living = new Map<string, string>();
  const machines: [string, object][] = [];
  for (let index = 0; index < asked.living; index += 1) {
    const name = `host${String(index + 1).padStart(2, '0')}`;
    machines.push([name, machineAt(index, name)]);
    living.set(name, real[index % real.length]?.[0] ?? '');
  }
  if (asked.dead !== undefined) {
    machines.unshift([DEAD, machineAt(asked.living, DEAD)]);
    hosts.push(`Host ${DEAD}\n  HostName 127.0.0.1\n  Port ${asked.dead.port}\n`);
  }
  // The lab's own block holds for its names and for addresses; the aliases are put beside them.
  const opened = config.replace(/^Host (?=.*127\.77\.\*)/m, `Host ${DEAD} host* mia-kvm* `);
  const sshConfig = join(directory, `${asked.name}.ssh_config`);
  const plan = join(directory, `${asked.name}.yaml`);
  await writeFile(sshConfig, `${hosts.join('')}${opened}`);
  const all = { ...written, name: asked.name, ssh: { config: sshConfig }, hypervisors };
  // JSON is YAML.
  await writeFile(plan, JSON.stringify({ ...all, machines: Object.fromEntries(machines) }));
  return { plan, sshConfig, living, hypervisors: Object.keys(hypervisors).length };
}

function hostName(config: string, host: string): string {
  const [, found] = new RegExp(`^Host ${host}\\n\\s+HostName (\\S+)$`, 'm').exec(config) ?? [];
  if (found === undefined) throw new Error(`the lab's ssh_config has no ${host}`);
  return found;
}
