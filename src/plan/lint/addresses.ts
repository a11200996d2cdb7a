import { BlockList, isIP } from 'node:net';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault, type PathKey } from '../finding.ts';

/** One machine, one place on each side; and never the same place on both. */
export function lintAddresses(draft: Draft): Finding[] {
  const wrong = [...twice(draft), ...confused(draft)];
  const said = new Set(wrong.map(finding => finding.path.join('\n')));
  return [...wrong, ...outsideNetwork(draft).filter(finding => !said.has(finding.path.join('\n')))];
}

const DEFAULT_SSH_PORT = 22;

/** Host names and aliases are compared as ssh_config does: without regard to case. */
const endpoint = (address: string, port: number | undefined): string =>
  `${address.toLowerCase()} port ${port ?? DEFAULT_SSH_PORT}`;

function twice(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  const targets = new Map<string, string>();
  const sources = new Map<string, string>();
  const domains = new Map<string, string>();
  const claim = (
    taken: Map<string, string>,
    key: string,
    name: string,
    path: PathKey[],
    what: string,
  ): void => {
    const first = taken.get(key);
    if (first !== undefined) findings.push(fault(path, `"${first}" has this ${what} already`));
    taken.set(key, first ?? name);
  };
  for (const [name, { source, target }] of draft.machines.entries) {
    const path = ['machines', name];
    const domain = source.domain ?? name;
    claim(
      targets,
      endpoint(target.address, target.port),
      name,
      [...path, 'target', 'address'],
      'target address and port',
    );
    claim(
      sources,
      endpoint(source.address, source.port),
      name,
      [...path, 'source', 'address'],
      'source address and port',
    );
    claim(
      domains,
      `${source.hypervisor} ${domain}`,
      name,
      [...path, 'source', ...(source.domain === undefined ? [] : ['domain'])],
      `source domain ("${domain}" on ${source.hypervisor})`,
    );
  }
  return findings;
}

/** A target address that belongs to something that exists: the receiver would be looked for on production. */
function confused(draft: Draft): Finding[] {
  const standing = new Map<string, string>();
  const hosts = new Map<string, string>();
  const stand = (address: string, port: number | undefined, what: string): void => {
    if (!standing.has(endpoint(address, port))) standing.set(endpoint(address, port), what);
    if (!hosts.has(address.toLowerCase())) hosts.set(address.toLowerCase(), what);
  };
  for (const [name, { source }] of draft.machines.entries)
    stand(source.address, source.port, `the source of "${name}"`);
  for (const [name, { address, port }] of draft.hypervisors.entries)
    stand(address, port, `the hypervisor "${name}"`);

  const findings: Finding[] = [];
  for (const [name, { target }] of draft.machines.entries) {
    const path = ['machines', name, 'target', 'address'];
    const same = standing.get(endpoint(target.address, target.port));
    const host = hosts.get(target.address.toLowerCase());
    const suggestion = 'the receiver is a new machine at the target site: give it a free address there';
    if (same !== undefined) {
      findings.push(
        fault(path, `this is the address of ${same}: are source and target confused?`, { suggestion }),
      );
    } else if (host !== undefined && !isLoopback(target.address)) {
      findings.push(caution(path, `this is also the address of ${host}, at another port`, { suggestion }));
    }
  }
  return findings;
}

/** Lab hosts live side by side on loopback and differ by port. */
const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'));

function outsideNetwork(draft: Draft): Finding[] {
  const findings: Finding[] = [];
  for (const [name, { target }] of draft.machines.entries) {
    const network = draft.networks.entries.get(target.network);
    if (draft.sites.entries.get(network?.site ?? '')?.role !== 'target') continue;
    const cidr = network?.cidr;
    if (cidr === undefined || isLoopback(target.address) || contains(cidr, target.address) !== false)
      continue;
    findings.push(
      caution(
        ['machines', name, 'target', 'address'],
        `${target.address} is not in ${cidr}, the network "${target.network}"`,
        {
          suggestion: 'right only if the source reaches the receiver through address translation',
        },
      ),
    );
  }
  return findings;
}

/** Undefined where it cannot be told: host names, another family, a broken network. */
function contains(cidr: string, address: string): boolean | undefined {
  const [network = '', length = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || Number(length) > (family === 4 ? 32 : 128))
    return undefined;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(network, Number(length), type);
  return list.check(address, type);
}
