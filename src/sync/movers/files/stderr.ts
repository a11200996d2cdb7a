import { harmlessBytes } from '../../../foundation/text.ts';
import { createLineCutter } from './lines.ts';

/** What a line on standard error is about; rsync's, ssh's and recv's lines arrive mixed. */
export type StderrClass =
  | 'vanished'
  | 'space'
  | 'read-only'
  | 'io'
  | 'target-io'
  | 'path-gone'
  | 'recv-gone'
  | 'permission'
  | 'failed-verification'
  | 'type-conflict'
  | 'deletions-skipped'
  | 'delete-limit'
  | 'ssh-host-key'
  | 'ssh-auth'
  | 'ssh-unreachable'
  | 'ssh-lost'
  | 'io-timeout'
  | 'protocol-noise'
  | 'not-allowed'
  | 'not-mounted'
  | 'command-missing'
  | 'memory'
  | 'summary'
  | 'other';

/** The first pattern that matches decides, so the exact ones come first. */
const PATTERNS: ReadonlyArray<readonly [StderrClass, RegExp]> = [
  ['not-allowed', /^landfall-recv: refused/],
  ['not-mounted', /^landfall-recv: not mounted/],
  // Both lie in /run, each on its host, and are gone after a restart of it: dash, bash and busybox say so each in its way.
  ['path-gone', /^(?:sh|\/bin\/sh): .*\/path-[^/]+\/rsh'?: No such file/],
  ['recv-gone', /^(?:sh|\/bin\/sh): .*\/recv'?: No such file/],
  // The closing line of rsync repeats the reason of an earlier one.
  ['summary', /^rsync (?:error|warning): .*\(code \d+\)/],
  ['vanished', /^(?:file|directory) has vanished: /],
  // A file past a size limit of the target is out of room as well.
  ['space', /No space left on device|Disk quota exceeded|File too large/],
  ['read-only', /Read-only file system/],
  // What only the side does that writes.
  [
    'target-io',
    /(?:mkstemp|mkdir|mknod|symlink|rename|chown|set times on|set permissions|unlink|write failed on)\b.*Input\/output error/,
  ],
  ['io', /Input\/output error/],
  ['failed-verification', /failed verification -- update/],
  ['deletions-skipped', /IO error encountered -- skipping file deletion/],
  ['delete-limit', /Deletions stopped due to --max-delete limit/],
  ['type-conflict', /could not make way for|cannot delete non-empty directory/],
  [
    'ssh-host-key',
    /^Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|^No .*host key is known for/,
  ],
  [
    'ssh-auth',
    /: Permission denied \([a-z,-]+\)\.?$|^Permission denied \([a-z,-]+\)|Too many authentication failures/,
  ],
  [
    'ssh-unreachable',
    /^ssh: (?:connect to host|Could not resolve hostname)|^kex_exchange_identification|Connection timed out during banner exchange/,
  ],
  [
    'ssh-lost',
    /^Timeout, server .* not responding|^Connection (?:closed|reset) by|^Connection to .* (?:closed|timed out)|^client_loop: |^Read from remote host|[Bb]roken pipe|connection unexpectedly closed|Connection reset by peer/,
  ],
  ['io-timeout', /io timeout after \d+ seconds/],
  ['protocol-noise', /protocol version mismatch -- is your shell clean|unexpected tag|invalid message/],
  ['command-missing', /rsync: (?:command )?not found|rsync: No such file or directory$/],
  ['memory', /out of memory|exceeded --max-alloc/],
  ['permission', /Permission denied \(13\)|Operation not permitted \(1\)/],
];

export const classifyLine = (line: string): StderrClass =>
  PATTERNS.find(([, pattern]) => pattern.test(line))?.[0] ?? 'other';

/** Everything worth knowing of a run's standard error, in bounded memory. */
export interface Complaints {
  count(kind: StderrClass): number;
  /** The first lines of a class, harmless text. */
  first(kind: StderrClass): readonly string[];
  /** Lines about single paths that could not be copied. */
  troubles(): readonly string[];
  /** The last lines of all, harmless text. */
  readonly tail: readonly string[];
}

export interface StderrReader {
  push(chunk: Uint8Array): void;
  end(): Complaints;
}

const KEPT_PER_CLASS = 20;
const KEPT_TAIL = 60;
const TROUBLES: readonly StderrClass[] = [
  'permission',
  'failed-verification',
  'type-conflict',
  'io',
  'deletions-skipped',
];

export function createStderrReader(): StderrReader {
  const counts = new Map<StderrClass, number>();
  const kept = new Map<StderrClass, string[]>();
  const tail: string[] = [];
  const cutter = createLineCutter({
    ends: 'any',
    maxLength: 8192,
    onLine(raw) {
      if (raw.trim() === '') return;
      const kind = classifyLine(raw);
      const line = harmlessBytes(Buffer.from(raw, 'latin1'));
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const lines = kept.get(kind) ?? [];
      if (lines.length < KEPT_PER_CLASS) kept.set(kind, [...lines, line]);
      tail.push(line);
      if (tail.length > KEPT_TAIL) tail.shift();
    },
  });
  return {
    push: chunk => cutter.push(chunk),
    end() {
      cutter.end();
      const first = (kind: StderrClass): readonly string[] => kept.get(kind) ?? [];
      return {
        count: kind => counts.get(kind) ?? 0,
        first,
        // Lines that no pattern knows count as troubles too: better one too many than one unseen.
        troubles: () =>
          [...TROUBLES.flatMap(first), ...first('other').filter(line => line.startsWith('rsync: '))].slice(
            0,
            KEPT_PER_CLASS,
          ),
        tail,
      };
    },
  };
}
