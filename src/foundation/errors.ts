import { EXIT, type ExitCode } from './exit-codes.ts';

/** Who has to move: the engineer, nobody (they cancelled), the program that failed, or us. */
export type ErrorFamily = 'act' | 'cancelled' | 'program' | 'bug';

interface CodeFacts {
  readonly family: ErrorFamily;
  readonly exit: ExitCode;
}

const act = (exit: ExitCode): CodeFacts => ({ family: 'act', exit });
const program = (exit: ExitCode = EXIT.failed): CodeFacts => ({ family: 'program', exit });

/** Stable codes. They appear in journals and in `--json`: add, never rename. */
export const ERROR_CODES = {
  usage: act(EXIT.usage),
  'plan.unreadable': act(EXIT.usage),
  'plan.invalid': act(EXIT.usage),
  'plan.changed': act(EXIT.drift),
  'plan.exists': act(EXIT.usage),
  'plan.conflict': act(EXIT.failed),
  'plan.unwritable': act(EXIT.failed),
  'state.locked': act(EXIT.locked),
  'state.damaged': act(EXIT.failed),
  'state.newer': act(EXIT.failed),
  'state.unwritable': act(EXIT.failed),
  'state.absent': act(EXIT.usage),
  'state.exists': act(EXIT.usage),
  'ssh.config': act(EXIT.usage),
  'ssh.unresolvable': act(EXIT.failed),
  'ssh.unreachable': act(EXIT.failed),
  'ssh.timeout': act(EXIT.failed),
  'ssh.host-key-unknown': act(EXIT.access),
  'ssh.host-key-changed': act(EXIT.access),
  'ssh.host-key-revoked': act(EXIT.access),
  'ssh.auth-refused': act(EXIT.access),
  'ssh.key-unusable': act(EXIT.access),
  'ssh.forwarding-refused': act(EXIT.access),
  'ssh.connection-lost': program(),
  'ssh.protocol': program(),
  'remote.command-failed': program(),
  'remote.command-missing': act(EXIT.failed),
  'remote.no-exit-status': program(),
  'remote.timeout': program(),
  'remote.output-too-large': program(),
  'remote.file-absent': program(),
  'remote.answer-unreadable': program(),
  'job.lost': program(),
  'job.conflict': act(EXIT.failed),
  'local.command-failed': program(),
  'local.command-missing': act(EXIT.failed),
  'identity.mismatch': act(EXIT.failed),
  'inventory.object-absent': act(EXIT.failed),
  'inventory.machine-absent': act(EXIT.failed),
  'inventory.machine-not-running': act(EXIT.failed),
  'inventory.unsupported': act(EXIT.failed),
  'build.space': act(EXIT.failed),
  'build.foreign-object': act(EXIT.failed),
  'build.image-absent': act(EXIT.failed),
  'build.agent-silent': act(EXIT.failed),
  'build.not-mounted': act(EXIT.failed),
  'build.unfit': act(EXIT.failed),
  'build.network': act(EXIT.failed),
  'build.xml-refused': act(EXIT.failed),
  'finalize.failed': act(EXIT.failed),
  'prove.impossible': act(EXIT.failed),
  'prove.leftover': act(EXIT.failed),
  'prove.failed': act(EXIT.failed),
  'cutover.still-writing': act(EXIT.failed),
  'cutover.not-quiet': act(EXIT.failed),
  'cutover.still-on': act(EXIT.failed),
  'cutover.two-run': act(EXIT.failed),
  'cutover.standby-failed': act(EXIT.failed),
  'sync.rsync-failed': program(),
  'sync.target-full': act(EXIT.failed),
  'sync.source-suspicious': act(EXIT.failed),
  'sync.link-lost': program(),
  'sync.mismatch': program(),
  'sync.unreadable-output': program(),
  'blocks.impossible': act(EXIT.failed),
  'blocks.foreign-job': act(EXIT.failed),
  'blocks.scratch-full': act(EXIT.failed),
  'blocks.refused': act(EXIT.failed),
  'blocks.broken-off': program(),
  'blocks.damaged-piece': program(),
  'sync.snapshot-unusable': program(),
  'sync.hook-failed': act(EXIT.failed),
  'sync.snapshot-stuck': act(EXIT.failed),
  'sql.unreachable': act(EXIT.failed),
  'sql.certificate': act(EXIT.access),
  'sql.encryption': act(EXIT.access),
  'sql.login-refused': act(EXIT.access),
  'sql.permission': act(EXIT.access),
  'sql.connection-lost': program(),
  'sql.timeout': program(),
  'sql.failed': program(),
  'sql.answer-unreadable': program(),
  'secret.absent': act(EXIT.usage),
  'database.blocked': act(EXIT.failed),
  'database.drift': act(EXIT.failed),
  'database.foreign-clone': act(EXIT.failed),
  'database.in-use': act(EXIT.failed),
  'database.foreign-object': act(EXIT.failed),
  'database.not-captured': act(EXIT.failed),
  'database.retention': act(EXIT.failed),
  'database.agent': act(EXIT.failed),
  'database.space': act(EXIT.failed),
  'database.differs': act(EXIT.failed),
  'database.not-drained': act(EXIT.failed),
  'database.unconfirmed': act(EXIT.usage),
  'engine.absent': act(EXIT.usage),
  'engine.unreachable': act(EXIT.failed),
  'engine.protocol': act(EXIT.failed),
  'engine.not-started': act(EXIT.failed),
  'command.refused': act(EXIT.usage),
  'command.unavailable': act(EXIT.usage),
  'lab.unavailable': act(EXIT.failed),
  cancelled: { family: 'cancelled', exit: EXIT.interrupted },
  bug: { family: 'bug', exit: EXIT.failed },
} as const satisfies Record<string, CodeFacts>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Where it happened; every part is optional, none is invented. */
export interface ErrorPlace {
  readonly host?: string | undefined;
  readonly machine?: string | undefined;
  readonly command?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

export interface ErrorFacts {
  /** What happened: one sentence, without a trailing full stop. */
  readonly what: string;
  /** Why it matters to the evacuation; omitted where the sentence above says it. */
  readonly why?: string | undefined;
  readonly where?: ErrorPlace | undefined;
  /** What to do next, most useful first; imperative sentences or commands. */
  readonly next: readonly string[];
  /** Verbatim lines from the outside (stderr tail, fingerprint): shown sanitised. */
  readonly evidence?: readonly string[] | undefined;
  readonly cause?: unknown;
}

/** The only error class that is meant to reach a person. */
export class LandfallError extends Error {
  override readonly name = 'LandfallError';
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, facts: ErrorFacts) {
    super(facts.what, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.facts = facts;
  }

  get family(): ErrorFamily {
    return ERROR_CODES[this.code].family;
  }

  get exit(): ExitCode {
    return ERROR_CODES[this.code].exit;
  }
}

/** What a journal, a report and `--json` keep of an error. */
export interface ErrorRecord {
  readonly code: string;
  readonly family: ErrorFamily;
  readonly what: string;
  readonly why?: string | undefined;
  readonly where?: ErrorPlace | undefined;
  readonly next: readonly string[];
  readonly evidence?: readonly string[] | undefined;
}

/** The engineer, or a signal, ended it. */
export function cancelled(what = 'cancelled'): LandfallError {
  return new LandfallError('cancelled', {
    what,
    next: ['run the same command again: it goes on where it stopped'],
  });
}

/** Turns whatever was thrown into a LandfallError; what we did not foresee is our bug. */
export function asLandfallError(thrown: unknown): LandfallError {
  if (thrown instanceof LandfallError) return thrown;
  if (thrown instanceof Error && thrown.name === 'AbortError') return cancelled();
  const what = thrown instanceof Error ? thrown.message : String(thrown);
  const stack =
    thrown instanceof Error
      ? (thrown.stack ?? '')
          .split('\n')
          .slice(1, 6)
          .map(l => l.trim())
      : [];
  return new LandfallError('bug', {
    what: `landfall has a bug: ${what}`,
    why: 'the step that met it was not completed',
    evidence: stack,
    next: [
      'run the same command again: completed work is kept',
      'report this text with the journal of the evacuation',
    ],
    cause: thrown,
  });
}

export function recordOf(error: LandfallError): ErrorRecord {
  const { what, why, where, next, evidence } = error.facts;
  return {
    code: error.code,
    family: error.family,
    what,
    ...(why === undefined ? {} : { why }),
    ...(where === undefined ? {} : { where }),
    next: [...next],
    ...(evidence === undefined ? {} : { evidence: [...evidence] }),
  };
}
