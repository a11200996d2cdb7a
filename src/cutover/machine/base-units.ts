/**
 * Which running units of a source are stopped for its last copy. Everything is, except what the machine needs to be
 * reached and to stay up, what the plan keeps, and what only a login or the kernel started.
 */

export const KINDS = ['timer', 'socket', 'path', 'service'] as const;
/** In the order of stopping: what starts others goes first. Other kinds stand only where the plan names them. */
const STAGES: readonly (readonly string[])[] = [['timer'], ['socket', 'path'], ['service']];

/** One line of `systemctl list-units`. */
export interface UnitRow {
  readonly unit: string;
  readonly active: string;
  readonly sub: string;
}

const UNIT = /^[A-Za-z0-9][A-Za-z0-9:_.@\\-]*\.[a-z]+$/;

/** `systemctl list-units --plain --no-legend`; some versions begin a line with a bullet. Odd names are left out. */
export function parseUnits(text: string): UnitRow[] {
  return text.split('\n').flatMap(line => {
    const [unit = '', , active = '', sub = ''] = line
      .replace(/^\s*[●*×↻○]?\s*/, '')
      .trim()
      .split(/\s+/);
    return UNIT.test(unit) && active !== '' ? [{ unit, active, sub }] : [];
  });
}

const group = (...names: readonly string[]): RegExp =>
  new RegExp(`^(?:${names.join('|')})(?:@.*)?\\.(?:service|socket|path)$`);

/**
 * What goes on: without these the machine could not be reached, would lose its disks or its network, or would not hear
 * the order to shut down. Time-keeping and logins write next to nothing, and what they write is the system's own.
 */
const BASE: readonly RegExp[] = [
  // Reached from outside, and by whoever logs in to help.
  group('ssh', 'sshd', 'sshd-keygen', 'dropbear', 'telnet', 'cockpit', 'cockpit-\\S*'),
  group(
    'sssd',
    'sssd-\\S*',
    'nscd',
    'nslcd',
    'unscd',
    'winbind',
    'oddjobd',
    'realmd',
    'polkit',
    'user',
    'user-runtime-dir',
  ),
  // systemd itself and its bus.
  /^systemd-\S*\.(?:service|socket|path)$/,
  group(
    'dbus',
    'dbus-broker',
    'dbus-org\\S*',
    'getty',
    'serial-getty',
    'console-getty',
    'container-getty',
    'autovt',
    'emergency',
    'rescue',
    'debug-shell',
    'plymouth\\S*',
    'initctl',
  ),
  // The network and what guards it.
  group(
    'networking',
    'network',
    'NetworkManager',
    'NetworkManager-\\S*',
    'nm-\\S*',
    'netplan\\S*',
    'ifup',
    'ifplugd',
    'dhcpcd',
    'dhclient',
    'dhcpcd5',
    'wickedd?\\S*',
    'connman',
    'wpa_supplicant',
    'ModemManager',
    'nftables',
    'iptables',
    'ip6tables',
    'netfilter-persistent',
    'firewalld',
    'ufw',
    'resolvconf\\S*',
    'unbound-resolvconf',
    'openvpn',
    'openvpn-\\S*',
    'wg-quick',
    'tailscaled',
    'zerotier-one',
    'strongswan\\S*',
    'ipsec',
    'openvswitch\\S*',
    'ovs-\\S*',
    'keepalived',
  ),
  // Disks below the file systems.
  group(
    'multipathd',
    'iscsid?',
    'open-iscsi',
    'lvm2?-\\S*',
    'dm-event',
    'mdmonitor',
    'mdadm\\S*',
    'blk-availability',
    'rpcbind',
    'rpc-\\S*',
    'nfs-(?:client|idmapd|blkmap|utils)',
    'gssproxy',
    'autofs',
    'zfs-zed',
    'cryptsetup\\S*',
  ),
  // The machine as a guest: told to shut down, asked who it is.
  group(
    'qemu-guest-agent',
    'qemu-ga',
    'vmtoolsd',
    'open-vm-tools',
    'vgauthd?',
    'hv-\\S*',
    'hyperv\\S*',
    'spice-vdagentd?',
    'acpid',
    'haveged',
    'rngd',
    'rng-tools\\S*',
    'irqbalance',
    'tuned',
    'power-profiles-daemon',
    'upower',
    'udisks2',
    'rtkit-daemon',
    'smartmontools',
    'smartd',
    'thermald',
    'kmod\\S*',
    'apparmor',
    'setroubleshootd',
    'cloud-\\S*',
    'waagent',
    'walinuxagent',
    'google-guest-agent',
    'amazon-ssm-agent',
  ),
  // Clocks, and the audit that refuses to be stopped.
  group('chronyd?', 'ntpd?', 'ntpsec', 'openntpd', 'auditd', 'audit-rules'),
];

export const isBase = (unit: string): boolean => BASE.some(pattern => pattern.test(unit));

/** Service states in which a process of its own runs or is about to; `exited` ones have none. */
const isAtWork = ({ unit, active, sub }: UnitRow): boolean => {
  if (!['active', 'activating', 'reloading', 'refreshing'].includes(active)) return false;
  return !unit.endsWith('.service') || sub !== 'exited';
};

export interface QuietWish {
  /** Of the plan: stopped whatever they are. */
  readonly stop: readonly string[];
  /** Of the plan, and what a database at this machine needs until it is drained. */
  readonly keep: readonly string[];
}

/** A unit without a kind is a service, as systemctl takes it. */
export const unitName = (word: string): string => (/\.[a-z]+$/.test(word) ? word : `${word}.service`);

const isNamed = (unit: string, names: readonly string[]): boolean => {
  const template = unit.replace(/@.*\.(?=[a-z]+$)/, '@.');
  return names.map(unitName).some(name => name === unit || name === template);
};

/** Of what runs, what has to stop, in the order of stopping. */
export function unitsToStop(rows: readonly UnitRow[], wish: QuietWish): string[] {
  const chosen = rows
    .filter(isAtWork)
    .map(({ unit }) => unit)
    .filter(unit => {
      if (isNamed(unit, wish.stop)) return true;
      return kindOf(unit) !== undefined && !isBase(unit) && !isNamed(unit, wish.keep);
    });
  return inStages(chosen).flat();
}

const kindOf = (unit: string): string | undefined => KINDS.find(kind => unit.endsWith(`.${kind}`));

/** Units by stage of stopping, none of them empty; an undo goes through them backwards. Without repeats, sorted. */
export function inStages(units: readonly string[]): string[][] {
  const all = [...new Set(units)].sort();
  const stageOf = (unit: string): number => {
    const at = STAGES.findIndex(kinds => kinds.includes(kindOf(unit) ?? 'service'));
    return at === -1 ? STAGES.length - 1 : at;
  };
  return STAGES.map((_, at) => all.filter(unit => stageOf(unit) === at)).filter(stage => stage.length > 0);
}
