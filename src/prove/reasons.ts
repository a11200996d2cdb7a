import { formatDuration } from '../foundation/units.ts';
import type { ProofCheck, ProofReason } from '../journal/proof-facts.ts';
import { consoleReason } from './console-reasons.ts';

/** How the watch over a booting copy came to its end. */
export type WatchEnd = 'evidence' | 'stuck' | 'gone' | 'flood' | 'deadline';

export interface ReasonInput {
  readonly machine: string;
  /** What stands in the way of `proven`: failed, or not looked at although nothing is proven without it. */
  readonly checks: readonly ProofCheck[];
  readonly console: readonly string[];
  /** The text of its screen, where it could be read. */
  readonly screen: readonly string[];
  readonly end: WatchEnd;
  readonly limitMs: number;
  /** Nothing was written into it, so that nothing in it speaks for us. */
  readonly isOutside?: boolean;
}

type Check = ProofCheck['check'];

/** What a failed check means, where the console explains nothing better. */
const MEANINGS: Partial<Record<Check, Pick<ProofReason, 'kind' | 'remedy'>>> = {
  isolation: {
    kind: 'not-isolated',
    remedy: [
      'name the routers in the plan (networks.*.gateway), so that the copy has something to try',
      'it needs ping, or bash and timeout, python3 or perl: any of them is enough',
    ],
  },
  untouched: {
    kind: 'replica-touched',
    remedy: ['look at the volumes on the target hypervisor (stat), then prove it once more'],
  },
  nonce: {
    kind: 'wrong-identity',
    remedy: ['something else than this copy has answered: see which domains write to the evidence file'],
  },
  root: {
    kind: 'missing-root',
    remedy: [
      'see root= in its boot loader and the entry of / in fstab: they must name the UUID of the source',
      'then prove it once more: landfall prove PLAN MACHINE',
    ],
  },
  identity: {
    kind: 'wrong-identity',
    remedy: [
      'see whether the plan names the right source for this machine, and take the inventory again',
      'see whether cloud-init or a first-boot service gives the copy a new identity',
    ],
  },
  'host-key': {
    kind: 'wrong-host-key',
    remedy: [
      'see that /etc/ssh travels and is not excluded, and that cloud-init does not delete host keys in the copy',
      'whoever logs in after the cutover would be warned of a changed key',
    ],
  },
  mounts: {
    kind: 'failed-unit',
    remedy: [
      'see the lines of these file systems in /etc/fstab of the source: blkid tells whether their devices exist',
      'what is mounted from elsewhere (NFS, iSCSI) is not there in a proof: say nofail where the machine can live without it',
    ],
  },
  units: {
    kind: 'failed-unit',
    remedy: [
      'read why in the lines of its journal above; then set it right on the source, and bring one more pass',
      'a unit that must not run at both sites belongs into machines.<name>.hold of the plan',
      'a database whose files were copied while it ran may not start: take a snapshot or a dump before the pass',
    ],
  },
  sockets: {
    kind: 'missing-socket',
    remedy: [
      'see which unit should listen there, and its journal in the copy: systemctl status UNIT',
      'if it waits for another machine, start them together at cutover and waive this for the proof',
    ],
  },
  checks: {
    kind: 'failed-check',
    remedy: [
      'compare with the same check on the source',
      'set right what it finds, bring one more pass, and prove once more',
    ],
  },
};

/**
 * Why a copy did not prove itself, in words; undefined where nothing stands in the way. What endangers production or the replica
 * comes first, then why it did not come up, then the first check that failed in the order of a boot.
 */
export function reasonOf(input: ReasonInput): ProofReason | undefined {
  const failed = input.checks;
  const [first] = failed;
  if (first === undefined) return undefined;
  const touched = failed.find(({ check, verdict }) => check === 'untouched' && verdict === 'fail');
  if (touched !== undefined) return replicaTouched(touched);
  const leak = failed.find(({ check, verdict }) => check === 'isolation' && verdict === 'fail');
  if (leak !== undefined) return notIsolated(leak);
  if (failed.some(({ check }) => check === 'kernel' || check === 'userspace')) return notUp(input);
  if (first.check === 'nonce' && input.end !== 'evidence') return unanswered(input);
  const meaning = MEANINGS[first.check];
  const network = first.check === 'units' || first.check === 'sockets' ? networkReason(input) : undefined;
  if (network !== undefined) return network;
  return {
    kind: meaning?.kind ?? 'failed-check',
    words: `It boots, but ${first.found}.`,
    evidence: first.detail.slice(0, 12),
    remedy: meaning?.remedy ?? ['read the evidence, and prove it once more'],
  };
}

/** A unit of the network itself failed: whatever else is missing follows from that. */
function networkReason({ checks, console: lines }: ReasonInput): ProofReason | undefined {
  const units = checks.find(({ check }) => check === 'units');
  const failed = (units?.verdict === 'fail' ? units.detail : []).some(line =>
    /^(?:failed|not running): (?:networking|NetworkManager|systemd-networkd|network)\.service/.test(line),
  );
  if (!failed) return undefined;
  const said = consoleReason(lines, [], { weakToo: true });
  return {
    kind: 'no-network',
    words: 'It boots, but its network did not come up.',
    evidence: said?.kind === 'no-network' ? said.evidence : (units?.detail.slice(0, 8) ?? []),
    remedy: [
      'compare the names of interfaces in its configuration with those that the copy has',
      'match interfaces by MAC address in the configuration of the source: the standby keeps the addresses',
    ],
  };
}

function notUp({ machine, console: lines, screen, end, limitMs, isOutside }: ReasonInput): ProofReason {
  const said = consoleReason(lines, screen, { weakToo: true });
  if (said !== undefined) return said;
  const last = lines.slice(-6);
  if (isOutside === true && end !== 'gone' && end !== 'flood')
    return notSeen(machine, lines, screen, limitMs);
  if (lines.length === 0)
    return {
      kind: 'no-console',
      words: `It said nothing on its serial console${screen.length > 0 ? ', and what its screen shows explains nothing' : ''}.`,
      evidence: screen.slice(-12),
      remedy: [
        'see that the fix-up of the console ran: it adds console=ttyS0 to the kernel command line of the copy',
        `look at its screen while a proof runs: virsh screenshot landfall-…-${machine}-proof`,
      ],
    };
  return {
    kind: 'timeout',
    words:
      end === 'gone'
        ? 'It began to boot and switched itself off.'
        : end === 'flood'
          ? 'It began to boot and printed more than its hypervisor has room for.'
          : `It began to boot and had not come up after ${formatDuration(limitMs)}.`,
    evidence: last,
    remedy: [
      'read the end of the kept console log: the last line tells what it waited for',
      'without KVM a boot takes many times as long: raise proof.boot_within in the plan',
    ],
  };
}

/** It may be up: nobody outside could see it. */
const notSeen = (
  machine: string,
  lines: readonly string[],
  screen: readonly string[],
  limitMs: number,
): ProofReason => ({
  kind: lines.length === 0 ? 'no-console' : 'timeout',
  words: `Within ${formatDuration(limitMs)} nothing outside told that it had come up: no guest agent answered, and no console asked for a login.`,
  evidence: (lines.length === 0 ? screen : lines).slice(-12),
  remedy: [
    'let a guest agent run on the source (with its channel in the definition of the domain): it answers in the copy, too',
    `look at its screen while a proof runs: virsh screenshot landfall-…-${machine}-proof`,
    'without KVM a boot takes many times as long: raise proof.boot_within in the plan',
  ],
});

/** It came up and did not come to the end of what it was asked. */
function unanswered({ console: lines, limitMs, end }: ReasonInput): ProofReason {
  const said = consoleReason(lines, [], { weakToo: true });
  if (said !== undefined) return said;
  return {
    kind: 'timeout',
    words:
      end === 'gone'
        ? 'It came up, and switched itself off before it had answered.'
        : end === 'flood'
          ? 'It came up, and printed more than its hypervisor has room for before it had answered.'
          : `It came up, but had not answered everything after ${formatDuration(limitMs)}.`,
    evidence: lines.slice(-6),
    remedy: [
      'read the end of the kept console log: some unit keeps the start from coming to its end',
      'without KVM a boot takes many times as long: raise proof.boot_within in the plan',
    ],
  };
}

const replicaTouched = ({ found, detail }: ProofCheck): ProofReason => ({
  kind: 'replica-touched',
  words: `The replica is not what it was before the proof: ${found}.`,
  evidence: detail,
  remedy: [
    'find out who writes to these volumes: only their overlay may be open while a copy boots',
    'bring one more pass and its verification before you rely on this replica: landfall sync NAME MACHINE',
  ],
});

const notIsolated = ({ found, detail }: ProofCheck): ProofReason => ({
  kind: 'not-isolated',
  words: `The copy was not alone: ${found}.`,
  evidence: detail,
  remedy: [
    'look at what the answering address is: the island network must have neither a way out nor an address of the host',
    'see whether something was sent in those minutes: mail, jobs, replication; the copy was destroyed when this was seen',
  ],
});
