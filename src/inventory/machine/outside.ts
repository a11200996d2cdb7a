import { harmless } from '../../foundation/text.ts';
import type { DomainFacts, GuestFacts } from '../../journal/facts.ts';
import type { Argv } from '../../remote/host.ts';
import { virshWrite } from '../../tools/virsh.ts';

/**
 * What the guest agent tells of a machine into which nobody logs in. It asks, and changes nothing; libvirt answers it only
 * through the socket that may write.
 */
export const guestInfo = (uri: string, domain: string): Argv =>
  virshWrite(uri, 'guestinfo', domain, '--os', '--hostname');

/**
 * Facts of a machine that is seen only from outside. `login: false` says that the rest was never asked: lists are empty
 * because nobody could look, not because nothing is there. `info` is the agent's answer, where it gave one.
 */
export function outsideFacts(domain: DomainFacts, info: string | undefined): GuestFacts {
  const told = parseGuestInfo(info ?? '');
  const id = told.get('os.id') ?? 'unknown';
  const version = told.get('os.version-id') ?? '';
  return {
    login: false,
    hostname: told.get('hostname') ?? '',
    machineId: '',
    os: {
      id,
      version,
      pretty: told.get('os.pretty-name') ?? told.get('os.name') ?? 'not asked: nobody logs in there',
    },
    kernel: told.get('os.kernel-release') ?? '',
    architecture: told.get('os.machine') ?? '',
    bootMode: domain.firmware,
    blocks: [],
    fileSystems: [],
    swap: [],
    partitionTables: {},
    addresses: [],
    sockets: [],
    services: [],
  };
}

/** `os.id              : mswindows`, a fact a line. */
export function parseGuestInfo(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap(line => {
      const [, key, value] = /^(\S+)\s*:\s*(.*\S)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, harmless(value)]];
    }),
  );
}
