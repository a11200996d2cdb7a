import { answer, refusal } from '../world/world.ts';
import type { Tool } from './tool-box.ts';

/** Tools that tell of the running system: kernel, name, network, services. */

const uname: Tool = ({ args, host }) => {
  const kernel = '6.1.0-32-amd64';
  const facts: Readonly<Record<string, string>> = {
    '-r': kernel,
    '-m': 'x86_64',
    '-s': 'Linux',
    '-n': host.hostname,
    '-a': `Linux ${host.hostname} ${kernel} #1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06) x86_64 GNU/Linux`,
  };
  const [flag = '-s', ...more] = args;
  const fact = facts[flag];
  return fact === undefined || more.length > 0
    ? refusal(
        `uname: invalid option -- '${flag.replace(/^-+/, '')}'\nTry 'uname --help' for more information.\n`,
      )
    : answer(`${fact}\n`);
};

const hostname: Tool = ({ args, host }) =>
  args.length === 0 ? answer(`${host.hostname}\n`) : refusal(`hostname: invalid option -- '${args[0]}'\n`);

const ipAddr: Tool = ({ args, host }) => {
  if (args.join(' ') !== '-j addr') return refusal(`Object "${args[0] ?? ''}" is unknown, try "ip help".\n`);
  const mac = host.machine?.mac ?? '52:54:00:00:00:01';
  const inet = (local: string, prefixlen: number, label: string) => ({
    family: 'inet',
    local,
    prefixlen,
    scope: prefixlen === 8 ? 'host' : 'global',
    label,
  });
  return answer(
    `${JSON.stringify([
      {
        ifindex: 1,
        ifname: 'lo',
        flags: ['LOOPBACK', 'UP', 'LOWER_UP'],
        mtu: 65536,
        operstate: 'UNKNOWN',
        link_type: 'loopback',
        address: '00:00:00:00:00:00',
        addr_info: [inet('127.0.0.1', 8, 'lo')],
      },
      {
        ifindex: 2,
        ifname: 'eth0',
        flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
        mtu: 1500,
        operstate: 'UP',
        link_type: 'ether',
        address: mac,
        addr_info: [inet(host.address, 24, 'eth0')],
      },
    ])}\n`,
  );
};

const ss: Tool = ({ args, host }) => {
  if (args.join(' ') !== '-H -tulnp') return refusal(`ss: the lab knows "ss -H -tulnp" only\n`);
  const sockets =
    host.role === 'machine' ? (host.machine?.sockets ?? []) : [['0.0.0.0', 22, 'sshd'] as const];
  return answer(
    sockets
      .map(
        ([address, port, name], at) =>
          `tcp   LISTEN 0      128    ${`${address}:${port}`.padStart(18)}  0.0.0.0:*    users:(("${name}",pid=${400 + at * 7},fd=3))\n`,
      )
      .join(''),
  );
};

const systemctl: Tool = ({ args, host }) => {
  if (args.join(' ') !== 'list-units --type=service --state=running --plain --no-legend') {
    return refusal(`Unknown command verb '${args[0] ?? ''}'.\n`);
  }
  const services = host.role === 'machine' ? (host.machine?.services ?? []) : ['qemu-guest-agent', 'ssh'];
  return answer(
    services.map(name => `${`${name}.service`.padEnd(28)} loaded active running ${name}\n`).join(''),
  );
};

export const systemTools: Readonly<Record<string, Tool>> = {
  uname,
  hostname,
  ip: ipAddr,
  ss,
  systemctl,
  sync: () => answer(''),
};
