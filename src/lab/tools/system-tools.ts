import { KERNEL } from '../world/layout.ts';
import { answer, type Nic, refusal, type SimHost } from '../world/world.ts';
import type { Tool } from './tool-box.ts';

/** Tools that tell of the running system: kernel, name, network. */

const uname: Tool = ({ args, host }) => {
  const facts: Readonly<Record<string, string>> = {
    '-r': KERNEL,
    '-m': 'x86_64',
    '-s': 'Linux',
    '-n': host.hostname,
    '-a': `Linux ${host.hostname} ${KERNEL} #1 SMP PREEMPT_DYNAMIC Debian 6.1.129-1 (2025-03-06) x86_64 GNU/Linux`,
  };
  const [flag = '-s', ...more] = args;
  const fact = facts[flag];
  return fact === undefined || more.length > 0
    ? refusal(
        `uname: invalid option -- '${flag.replace(/^-+/, '')}'\nTry 'uname --help' for more information.\n`,
      )
    : answer(`${fact}\n`);
};

const bare = (address: string): string => address.replace(/\/.*$/, '');

const hostname: Tool = ({ args, host }) => {
  if (args.length === 0) return answer(`${host.hostname}\n`);
  if (args.join(' ') !== '-I') return refusal(`hostname: invalid option -- '${args[0]}'\n`);
  return answer(`${host.system.nics.flatMap(({ addresses }) => addresses.map(bare)).join(' ')} \n`);
};

function linkJson(nic: Nic, at: number) {
  const isLoopback = nic.name === 'lo';
  const carrier = nic.up ? ['LOWER_UP'] : ['NO-CARRIER'];
  return {
    ifindex: at + 1,
    ifname: nic.name,
    flags: [...(isLoopback ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']), 'UP', ...carrier],
    mtu: isLoopback ? 65_536 : 1500,
    operstate: isLoopback ? 'UNKNOWN' : nic.up ? 'UP' : 'DOWN',
    link_type: isLoopback ? 'loopback' : 'ether',
    address: nic.mac,
    addr_info: nic.addresses.map(address => ({
      family: 'inet',
      local: bare(address),
      prefixlen: Number(address.split('/')[1] ?? 32),
      scope: isLoopback ? 'host' : 'global',
      label: nic.name,
    })),
  };
}

const LOOPBACK: Nic = { name: 'lo', mac: '00:00:00:00:00:00', addresses: ['127.0.0.1/8'], up: true };
const nicsOf = (host: SimHost): Nic[] => [LOOPBACK, ...host.system.nics];

const ip: Tool = call => {
  const { args, host } = call;
  const nics = nicsOf(host);
  switch (args.join(' ')) {
    case '-j addr':
      return answer(`${JSON.stringify(nics.map(linkJson))}\n`);
    case '-j link show type bridge':
      // The one that its network has made.
      return answer(host.role === 'hypervisor' ? '[{"ifindex":4,"ifname":"virbr1","operstate":"UP"}]\n' : '');
    case '-o addr':
      return answer(
        nics
          .flatMap(({ name, addresses }, at) =>
            addresses.map(
              address =>
                `${at + 1}: ${name}    inet ${address} scope ${name === 'lo' ? 'host' : 'global'} ${name}\\       valid_lft forever preferred_lft forever\n`,
            ),
          )
          .join(''),
      );
    case 'route':
      return answer(
        host.system.nics.flatMap(nic => nic.addresses.map(address => routeOf(nic, address))).join(''),
      );
    default:
      return args[0] === 'addr' || args[0] === 'link' || args[0] === 'route'
        ? change(host, args)
        : refusal(`Object "${args[0] ?? ''}" is unknown, try "ip help".\n`);
  }
};

const routeOf = ({ name, up }: Nic, address: string): string =>
  `${bare(address).replace(/\.\d+$/, '.0')}/${address.split('/')[1] ?? '24'} dev ${name} proto kernel scope link src ${bare(address)} ${up ? '' : 'linkdown '}\n`;

/** What the guest agent is asked to do where a receiver has no address of its own. */
function change(host: SimHost, args: readonly string[]): ReturnType<Tool> {
  const [object, verb] = args;
  const device = args[args.indexOf('dev') + 1];
  const nic = host.system.nics.find(({ name }) => name === (object === 'link' ? args.at(-2) : device));
  const known =
    (object === 'link' && verb === 'set' && args.at(-1) === 'up') ||
    (object === 'addr' && (verb === 'add' || verb === 'replace') && /^[\d.]+\/\d+$/.test(args[2] ?? '')) ||
    (object === 'route' && verb === 'replace' && args[2] === 'default');
  if (!known || host.role === 'machine') return refusal('RTNETLINK answers: Operation not permitted\n', 2);
  if (nic === undefined && object !== 'route')
    return refusal(`Cannot find device "${device ?? args.at(-2)}"\n`);
  const address = args[2] ?? '';
  if (object === 'addr' && nic !== undefined && !nic.addresses.includes(address)) {
    nic.addresses = [...nic.addresses, address];
  }
  return answer('');
}

const ss: Tool = ({ args, host }) => {
  // Nobody talks to a simulated host but by SSH, which ends at its door.
  if (args.join(' ') === '-Htn state established') return answer('');
  if (args.join(' ') !== '-H -tulnp' && args.join(' ') !== '-H -tunap')
    return refusal(`ss: the lab knows "ss -H -tulnp" and "ss -H -tunap" only\n`);
  return answer(
    host.system.sockets
      .map(
        ([address, port, name], at) =>
          `tcp   LISTEN 0      128    ${`${address}:${port}`.padStart(18)}  0.0.0.0:*    users:(("${name}",pid=${400 + at * 7},fd=3))\n`,
      )
      .join(''),
  );
};

/** A copy has no way out, and whoever asks from elsewhere need not know. */
const ping: Tool = ({ args, host }) => {
  const to = args.at(-1) ?? '';
  const own = host.system.nics.flatMap(({ addresses }) => addresses.map(bare));
  if (to.startsWith('127.') || own.includes(to)) {
    return answer(`1 packets transmitted, 1 received, 0% packet loss, time 0ms\n`);
  }
  return own.length === 0
    ? refusal('ping: connect: Network is unreachable\n', 2)
    : answer(
        `PING ${to} (${to}) 56(84) bytes of data.\n\n--- ${to} ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms\n`,
        1,
      );
};

/** netcat of Debian: `nc ADDRESS PORT`. */
const nc: Tool = ({ args, host }) => {
  const [address = '', port = ''] = args;
  const own = ['127.0.0.1', ...host.system.nics.flatMap(({ addresses }) => addresses.map(bare))];
  if (!own.includes(address)) return refusal(`(UNKNOWN) [${address}] ${port} (?) : No route to host\n`);
  const isOpen = host.system.sockets.some(
    ([at, number]) => number === Number(port) && (at === '0.0.0.0' || at === address),
  );
  return isOpen ? answer('') : refusal(`(UNKNOWN) [${address}] ${port} (?) : Connection refused\n`);
};

export const systemTools: Readonly<Record<string, Tool>> = {
  uname,
  hostname,
  ip,
  ss,
  ping,
  nc,
  sync: () => answer(''),
};
