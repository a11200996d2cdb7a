import { planInForce } from '../evacuation/engine/plan-in-force.ts';
import { mirrorsOn, recover } from '../evacuation/recover.ts';
import { namedSecrets } from '../evacuation/sql/secrets.ts';
import { LandfallError } from '../foundation/errors.ts';
import { createRedactor } from '../foundation/redact.ts';
import { harmless } from '../foundation/text.ts';
import { counted, formatDuration } from '../foundation/units.ts';
import { listEvacuations, openEvacuationDirectory } from '../journal/directory.ts';
import type { MirrorManifest } from '../journal/mirror-manifest.ts';
import type { State } from '../journal/state.ts';
import type { Plan } from '../plan/schema.ts';
import { createHosts, type HostAddress } from '../remote/hosts.ts';
import { formatArgv } from '../remote/quote.ts';
import { engineerOf } from './engineer.ts';
import type { Io } from './io.ts';

export interface RecoverInput {
  readonly name: string | undefined;
  readonly from: string | undefined;
  readonly sudo: boolean;
  readonly json: boolean;
  readonly root: string;
  readonly sshConfig: string | undefined;
}

/** Lists what is mirrored on a host, or takes one evacuation up here. */
export async function recoverHere(io: Io, input: RecoverInput): Promise<void> {
  const address = hostOf(input.from, input.sudo);
  const hosts = createHosts({
    runtime: { evacuation: 'recover' },
    configFile: input.sshConfig,
    agentSocket: io.env['SSH_AUTH_SOCK'],
    clock: io.clock,
    resolve: () => address,
  });
  const from = input.from ?? address.address;
  try {
    const host = await hosts.get(address.address);
    const mirrors = await mirrorsOn(host);
    if (input.name === undefined) {
      list(io, input, from, mirrors);
      return;
    }
    const manifest = mirrors.find(({ evacuation }) => evacuation === input.name);
    if (manifest === undefined) throw absent(input.name, from, mirrors);
    if ((await listEvacuations(input.root)).includes(input.name)) throw here(input.name, input.root);
    const recovered = await recover({
      ...{ host, manifest, root: input.root, from, clock: io.clock, redactor: createRedactor() },
      owner: { ...io.process, user: engineerOf(io) },
    });
    const directory = await openEvacuationDirectory(input.root, input.name);
    const plan = await planInForce(directory, recovered.state.evacuation?.planHash, io.clock.now());
    told(io, input, recovered.directory, recovered.state, plan);
  } finally {
    await hosts.closeAll();
  }
}

/** `[user@]host[:port]`; an IPv6 address with a port stands in brackets. */
export function hostOf(from: string | undefined, sudo: boolean): HostAddress {
  const { user, bracketed, plain, port } =
    /^(?:(?<user>[^@\s]+)@)?(?:\[(?<bracketed>[0-9a-fA-F:.]+)\]|(?<plain>[^\s@:[\]]+))(?::(?<port>\d{1,5}))?$/.exec(
      from ?? '',
    )?.groups ?? {};
  const address = bracketed ?? plain;
  if (address === undefined || address.startsWith('-') || Number(port ?? 22) > 65_535)
    throw new LandfallError('usage', {
      what: from === undefined ? '--from is missing' : `${harmless(from)} is no [user@]host[:port]`,
      next: ['name a hypervisor of the target site: landfall recover --from root@dal-kvm1'],
    });
  return {
    address,
    sudo,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

function list(io: Io, { json }: RecoverInput, from: string, mirrors: readonly MirrorManifest[]): void {
  if (json) {
    const evacuations = mirrors.map(({ files, ...rest }) => ({ ...rest, files: files.length }));
    io.out(`${JSON.stringify({ v: 1, type: 'recoverable', from, evacuations })}\n`);
    return;
  }
  if (mirrors.length === 0) {
    io.err(`nothing is mirrored on ${harmless(from)}\n`);
    return;
  }
  for (const { evacuation, journal, files, leftOut, by } of mirrors) {
    io.out(
      `${evacuation}: up to event ${journal.upTo}, ${formatDuration(io.clock.now() - journal.lastAt)} ago, ` +
        `${counted(files.length, 'file')}, written by ${harmless(by)}\n`,
    );
    for (const { path, why } of leftOut) io.out(`  not there: ${harmless(path)} (${harmless(why)})\n`);
  }
  io.out(`next: landfall recover ${mirrors[0]?.evacuation ?? 'NAME'} --from ${formatArgv([from])}\n`);
}

function told(io: Io, { json }: RecoverInput, directory: string, state: State, plan: Plan): void {
  const recovered = state.evacuation?.recovered;
  const needs = needsOf(plan);
  if (json) {
    io.out(
      `${JSON.stringify({ v: 1, type: 'recovered', evacuation: plan.name, directory, recovered, needs })}\n`,
    );
    return;
  }
  if (recovered === undefined) return;
  const age = formatDuration(io.clock.now() - recovered.lastAt);
  io.out(
    `${plan.name} is taken up on ${io.process.host}, as of event ${recovered.upTo}, ${age} ago; what happened later is not known here\n` +
      `directory: ${directory}\n`,
  );
  for (const need of needs) io.out(`bring along: ${harmless(need)}\n`);
  io.out(
    `next: landfall status ${plan.name}   what exists, and up to when\n` +
      `      landfall cutover ${plan.name} --dark   where the source is gone\n` +
      'never steer it from the old control machine again\n',
  );
}

/** What the lost control machine had, and this one must have. */
export function needsOf(plan: Plan): string[] {
  const secrets = namedSecrets(plan).map(({ reference }) => reference);
  return [
    'a login key for the hypervisors of the target site, and their host keys in known_hosts (landfall doctor PLAN tells)',
    ...(plan.ssh.config === undefined ? [] : [`the ssh_config that the plan names: ${plan.ssh.config}`]),
    ...[...new Set(secrets)].map(secret => `the password that the plan calls ${secret}`),
    'receivers know only the keys of the lost machine: a run lets this one in through their guest agents; those without an agent have to be built anew',
  ];
}

function absent(name: string, from: string, mirrors: readonly MirrorManifest[]): LandfallError {
  return new LandfallError('state.absent', {
    what: `no evacuation called ${harmless(name)} is mirrored on ${harmless(from)}`,
    evidence:
      mirrors.length === 0 ? [] : [`mirrored there: ${mirrors.map(each => each.evacuation).join(', ')}`],
    next: ['try another hypervisor of the target site', 'where root may not log in: --sudo'],
  });
}

const here = (name: string, root: string): LandfallError =>
  new LandfallError('state.exists', {
    what: `this machine has an evacuation called ${name} already`,
    where: { file: `${root}/${name}` },
    why: 'two journals of one evacuation would each tell half of the truth',
    next: [`see how far it is: landfall status ${name}`, 'or keep the other one elsewhere: --state DIR'],
  });
