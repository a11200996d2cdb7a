import { z } from 'zod';

/**
 * What the wide look at the estate learned, in the shape that events carry and the fold keeps: what no copy needs, and
 * what a move breaks where nobody knows of it. Sizes in bytes, instants in epoch ms. Every list is bounded where it is
 * read; every text may come from a host and is made harmless where it is read.
 */

const text = z.string();

/** Something that could not be learned. A survey with gaps is a survey; a gap that is not told is a lie. */
export const surveyGap = z.strictObject({
  /** The question, in words for people: `firewall rules`, `certificates below /etc`. */
  what: text,
  why: z.enum(['needs-root', 'no-tool', 'timed-out', 'cut-short', 'unreadable', 'refused']),
  /** The beginning of what could not be understood, kept for people; absent where nothing came. */
  raw: text.optional(),
  /** How it could be learned: the line of the sudoers snippet, the package, the command. */
  help: text.optional(),
});

export const routeFacts = z.strictObject({
  /** `default`, or a prefix. */
  to: text,
  via: text.optional(),
  device: text.optional(),
});

/** Something that a machine is configured to use: a name or an address, and the file that says so. */
export const upstreamFacts = z.strictObject({
  role: z.enum([
    'dns',
    'ntp',
    'ldap',
    'kerberos',
    'smtp',
    'proxy',
    'syslog',
    'monitoring',
    'backup',
    'repository',
    'configuration',
    'database',
    'iscsi',
    'other',
  ]),
  /** Host name or address, without a scheme, a port or credentials. */
  host: text,
  port: z.number().optional(),
  /** The file or the tool that says so. */
  where: text,
  line: z.number().optional(),
});

/** A file system of another server. It is never touched to learn of it. */
export const shareFacts = z.strictObject({
  mountpoint: text,
  type: text,
  server: text,
  /** Where the kernel found that server; absent where it is not mounted. */
  address: text.optional(),
  path: text,
  /** Whether it is mounted now, waits for its first use, or only stands in fstab. */
  state: z.enum(['mounted', 'automount', 'configured']),
  /** False where the kernel or its sockets say that the server does not answer; absent where they say nothing. */
  answers: z.boolean().optional(),
  /** Where fstab knows nothing of it: mounted by hand, it will not come back after a boot. */
  undocumented: z.boolean().optional(),
});

/** The other end of a connection, as the kernel's table of sockets had it. */
export const peerFacts = z.strictObject({
  /** `out`: this machine opened it; `in`: somebody connected to a port on which it listens. */
  direction: z.enum(['in', 'out']),
  protocol: z.enum(['tcp', 'udp']),
  address: text,
  /** The service's port: the remote one of `out`, the local one of `in`. */
  port: z.number(),
  process: text.optional(),
  /** In how many of the samples of this event it was there. */
  seen: z.number(),
  /** True where the other end never took the connection: calls into the void. */
  unanswered: z.boolean().optional(),
});

/** An address that stands in a configuration file in so many figures. */
export const hardAddressFacts = z.strictObject({
  file: text,
  line: z.number(),
  /** The address or the host name that was found; never the rest of the line. */
  address: text,
  /** The name of the setting, where the line has the form of one. */
  setting: text.optional(),
});

export const certificateFacts = z.strictObject({
  path: text,
  subject: text,
  issuer: text.optional(),
  names: z.array(text),
  notAfter: z.number(),
  /** True where nobody else vouches for it. */
  selfSigned: z.boolean().optional(),
});

/** What acts by the clock. */
export const scheduleFacts = z.strictObject({
  kind: z.enum(['cron', 'timer', 'anacron', 'at']),
  /** File or unit. */
  where: text,
  user: text.optional(),
  /** As it is written: `*\/5 * * * *`, `OnCalendar=daily`. */
  when: text,
  /** The command, secrets withheld. */
  what: text,
  /** True where it sends mail, by itself or because cron does. */
  mails: z.boolean().optional(),
  /** To whom cron sends what it prints, where its table says so. */
  mailTo: text.optional(),
});

export const containerFacts = z.strictObject({
  engine: z.enum(['docker', 'podman', 'lxc', 'incus', 'containerd', 'kubernetes', 'systemd-nspawn', 'snap']),
  name: text,
  image: text,
  state: text,
  ports: z.array(text),
  /** Places outside its image that it writes: these have to travel. */
  volumes: z.array(text),
  restart: text.optional(),
});

export const packageFacts = z.strictObject({
  manager: z.enum(['dpkg', 'rpm', 'apk', 'pacman', 'none']),
  count: z.number(),
  /** SHA-256 of the sorted list, to see that something was installed since. */
  digest: text,
  /** Hosts of repositories that are not the distribution's own are upstreams; here are packages that are held back. */
  held: z.array(text).optional(),
});

export const dataServiceFacts = z.strictObject({
  /** `PostgreSQL`, `MariaDB`, `Redis`, `MongoDB`, `OpenLDAP` … */
  engine: text,
  version: text.optional(),
  process: text,
  directories: z.array(text),
  ports: z.array(z.number()),
  /** Bytes below its directories; absent where they could not be counted in time. */
  bytes: z.number().optional(),
  /** What it says of copies of its own: `replica of 10.0.0.4`. */
  replication: text.optional(),
});

export const mailFacts = z.strictObject({
  agent: text,
  /** Messages that wait; absent where the queue could not be read. */
  queued: z.number().optional(),
  relay: text.optional(),
});

/** What is bound to this very machine, and breaks or collides where a copy of it runs. */
export const identityFacts = z.strictObject({
  kind: z.enum([
    'machine-id',
    'host-id',
    'keytab',
    'domain-join',
    'cloud-init',
    'licence',
    'subscription',
    'configuration-agent',
    'monitoring-agent',
    'backup-agent',
    'cluster',
    'vpn',
    'secret-store',
    'hardware',
  ]),
  where: text,
  detail: text,
});

export const firewallFacts = z.strictObject({
  kind: z.enum(['nftables', 'iptables', 'firewalld', 'ufw', 'none']),
  rules: z.number(),
  /** Addresses and networks that rules name. */
  addresses: z.array(text),
});

export const timeFacts = z.strictObject({
  zone: text.optional(),
  service: z.enum(['chrony', 'ntpd', 'timesyncd', 'openntpd', 'vm-tools', 'none']),
  synchronized: z.boolean().optional(),
  /** Of the machine's clock against its servers, ms, as its own service has it. */
  offsetMs: z.number().optional(),
});

/** What the disks of a machine do, bytes per second. */
export const rateFacts = z.strictObject({
  device: text,
  written: z.number(),
  read: z.number(),
  /** How long was looked, seconds; the whole time since the boot where `sinceBoot`. */
  seconds: z.number(),
  sinceBoot: z.boolean().optional(),
});

/** Everything of one guest. A group that is absent was not learned, and `gaps` says why; an empty one is empty. */
export const surveyFacts = z.strictObject({
  /** True where it was asked as root. */
  root: z.boolean(),
  gaps: z.array(surveyGap),
  uptimeSeconds: z.number().optional(),
  load: z
    .strictObject({ cpus: z.number(), one: z.number(), memory: z.number(), available: z.number() })
    .optional(),
  routes: z.array(routeFacts).optional(),
  /** Static names: /etc/hosts without the machine's own. */
  staticNames: z.array(z.strictObject({ address: text, names: z.array(text) })).optional(),
  /** Bridges, bonds, VLANs, tunnels by name. */
  virtualLinks: z.array(z.strictObject({ name: text, kind: text, over: z.array(text) })).optional(),
  upstreams: z.array(upstreamFacts).optional(),
  shares: z.array(shareFacts).optional(),
  hardAddresses: z.array(hardAddressFacts).optional(),
  firewall: firewallFacts.optional(),
  time: timeFacts.optional(),
  schedules: z.array(scheduleFacts).optional(),
  containers: z.array(containerFacts).optional(),
  packages: packageFacts.optional(),
  certificates: z.array(certificateFacts).optional(),
  dataServices: z.array(dataServiceFacts).optional(),
  mail: z.array(mailFacts).optional(),
  identity: z.array(identityFacts).optional(),
  rates: z.array(rateFacts).optional(),
  /** Modules of the kernel that its own tree does not have. */
  foreignModules: z.array(text).optional(),
});

export type SurveyGap = z.infer<typeof surveyGap>;
export type RouteFacts = z.infer<typeof routeFacts>;
export type UpstreamFacts = z.infer<typeof upstreamFacts>;
export type ShareFacts = z.infer<typeof shareFacts>;
export type PeerFacts = z.infer<typeof peerFacts>;
export type HardAddressFacts = z.infer<typeof hardAddressFacts>;
export type CertificateFacts = z.infer<typeof certificateFacts>;
export type ScheduleFacts = z.infer<typeof scheduleFacts>;
export type ContainerFacts = z.infer<typeof containerFacts>;
export type PackageFacts = z.infer<typeof packageFacts>;
export type DataServiceFacts = z.infer<typeof dataServiceFacts>;
export type MailFacts = z.infer<typeof mailFacts>;
export type IdentityFacts = z.infer<typeof identityFacts>;
export type FirewallFacts = z.infer<typeof firewallFacts>;
export type TimeFacts = z.infer<typeof timeFacts>;
export type RateFacts = z.infer<typeof rateFacts>;
export type SurveyFacts = z.infer<typeof surveyFacts>;
