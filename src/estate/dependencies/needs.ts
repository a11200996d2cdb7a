import { counted } from '../../foundation/units.ts';
import type { ShareFacts, UpstreamFacts } from '../../journal/facts-survey.ts';
import type { MachineState, PeerState } from '../../journal/state.ts';
import type { Via } from './shape.ts';

/** Somebody that a machine was seen to use or is configured to use, before it is known who that is. */
export interface Need {
  readonly host: string;
  /** More names and addresses of the same host. */
  readonly also: readonly string[];
  readonly port?: number;
  readonly via: Via;
  readonly evidence: string;
  readonly seenAt: number;
  /** True where it is called and does not answer. */
  readonly silent?: boolean;
}

const VIA: Readonly<Record<UpstreamFacts['role'], { readonly via: Via; readonly port?: number }>> = {
  dns: { via: 'dns', port: 53 },
  ntp: { via: 'ntp', port: 123 },
  ldap: { via: 'ldap', port: 389 },
  kerberos: { via: 'kerberos', port: 88 },
  smtp: { via: 'smtp', port: 25 },
  proxy: { via: 'proxy' },
  syslog: { via: 'syslog', port: 514 },
  iscsi: { via: 'iscsi', port: 3260 },
  monitoring: { via: 'upstream' },
  backup: { via: 'upstream' },
  repository: { via: 'upstream' },
  configuration: { via: 'upstream' },
  database: { via: 'upstream' },
  other: { via: 'upstream' },
};

const SHARE_PORTS: Readonly<Record<string, number>> = {
  ...{ nfs: 2049, nfs4: 2049, cifs: 445, smb3: 445, smbfs: 445, 'fuse.sshfs': 22, glusterfs: 24007 },
};

/** Whom a machine uses, by sockets, shares, configuration and names; addresses in files are told apart (`hard`). */
export function needsOf(machine: MachineState | undefined): Need[] {
  const { surveyed, peers, peerSamples = 0 } = machine ?? {};
  const names = new Map(
    (surveyed?.staticNames ?? []).flatMap(({ address, names: all }) =>
      all.map((name): [string, string] => [name, address]),
    ),
  );
  const at = surveyed?.at ?? 0;
  const alias = (host: string): string[] => (names.has(host) ? [names.get(host) ?? ''] : []);
  return [
    ...Object.values(peers ?? {})
      .filter(({ direction }) => direction === 'out')
      .map(peer => ofPeer(peer, peerSamples)),
    ...(surveyed?.shares ?? []).map(share => ofShare(share, at, alias(share.server))),
    ...(surveyed?.upstreams ?? []).map(each => ofUpstream(each, at, alias(each.host))),
  ];
}

function ofPeer(peer: PeerState, looks: number): Need {
  const { address, port, process, seen, lastAt, unanswered } = peer;
  const often = `in ${seen} of ${counted(Math.max(looks, seen), 'look')}`;
  const who = process === undefined ? 'a connection' : process;
  return {
    ...{ host: address, also: [], port, via: 'socket', seenAt: lastAt },
    evidence:
      unanswered === true
        ? `${who} calls ${at(address, port)} and nobody answers, ${often}`
        : `${who} to ${at(address, port)}, ${often}`,
    ...(unanswered === true ? { silent: true } : {}),
  };
}

function ofShare(share: ShareFacts, seenAt: number, names: readonly string[]): Need {
  const { mountpoint, type, server, path, address, state, answers, undocumented } = share;
  const port = SHARE_PORTS[type];
  const how = {
    mounted: 'is mounted from',
    automount: 'is mounted when used from',
    configured: 'would be mounted from',
  };
  return {
    ...{ host: server, also: [...names, ...(address === undefined ? [] : [address])], via: 'share', seenAt },
    ...(port === undefined ? {} : { port }),
    evidence: `${mountpoint} ${how[state]} ${server}:${path} (${type})${
      undocumented === true ? ', and no fstab knows it' : ''
    }${answers === false ? '; that server does not answer' : ''}`,
    ...(answers === false ? { silent: true } : {}),
  };
}

function ofUpstream(upstream: UpstreamFacts, seenAt: number, also: readonly string[]): Need {
  const { role, host, where, line } = upstream;
  const known = VIA[role];
  const port = upstream.port ?? known.port;
  return {
    ...{ host, also, via: known.via, seenAt },
    ...(port === undefined ? {} : { port }),
    evidence: `${where}${line === undefined ? '' : ` line ${line}`} names ${host} (${role === 'other' ? 'configured' : role})`,
  };
}

/** `10.1.0.9:5432`, `[fd00::9]:5432`. */
export const at = (address: string, port: number | undefined): string =>
  port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;
