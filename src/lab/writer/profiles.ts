/** What the live writer does on each machine. Paths are relative to the file system mounted at `mount`. */

export type WriterMove =
  /** Adds lines to a log. */
  | { readonly kind: 'append'; readonly mount: string; readonly file: string; readonly bytes: number }
  /** Writes blocks over existing ones: same size, new content. */
  | {
      readonly kind: 'rewrite';
      readonly mount: string;
      readonly files: readonly string[];
      readonly bytes: number;
    }
  /** Makes new files, and removes the oldest once there are `keep`. */
  | {
      readonly kind: 'churn';
      readonly mount: string;
      readonly directory: string;
      readonly keep: number;
      readonly bytes: number;
    }
  /** Turns a log over: the file becomes `.1`, and starts empty. */
  | { readonly kind: 'rotate'; readonly mount: string; readonly file: string };

export interface WriterProfile {
  readonly operationsPerSecond: number;
  /** Each move with its share, and the service that makes it; without one it is the machine's first. */
  readonly moves: readonly (readonly [share: number, move: WriterMove, service?: string])[];
}

const SYSLOG: WriterMove = { kind: 'append', mount: '/', file: 'var/log/syslog', bytes: 160 };
const ROTATE: WriterMove = { kind: 'rotate', mount: '/', file: 'var/log/syslog' };
const churn = (mount: string, directory: string, keep: number, bytes: number): WriterMove => ({
  kind: 'churn',
  mount,
  directory,
  keep,
  bytes,
});

const HOT_QUEUE = Array.from({ length: 8 }, (_, at) => `var/spool/mail/queue/hot-${at}`);

const PROFILES: Readonly<Record<string, WriterProfile>> = {
  db1: {
    operationsPerSecond: 20,
    moves: [
      [
        12,
        {
          kind: 'rewrite',
          mount: '/var/lib/mysql',
          files: ['ibdata1', 'shop/orders.ibd', 'shop/order_lines.ibd'],
          bytes: 4096,
        },
      ],
      [4, { kind: 'rewrite', mount: '/var/lib/mysql', files: ['ib_logfile0'], bytes: 512 }],
      [3, SYSLOG],
      [1, churn('/var/lib/mysql', 'shop', 12, 9000)],
    ],
  },
  app1: {
    operationsPerSecond: 8,
    moves: [
      [5, churn('/', 'var/lib/orders/sessions', 40, 1200)],
      [3, SYSLOG],
      [0.1, ROTATE],
    ],
  },
  app2: {
    operationsPerSecond: 8,
    moves: [
      [5, churn('/', 'var/lib/payments/sessions', 40, 1200)],
      [3, SYSLOG, 'celery'],
    ],
  },
  mail1: {
    operationsPerSecond: 8,
    moves: [
      [3, churn('/', 'var/spool/mail', 30, 6000)],
      [3, { kind: 'append', mount: '/', file: 'var/log/mail.log', bytes: 200 }, 'dovecot'],
      [0.2, { kind: 'rotate', mount: '/', file: 'var/log/mail.log' }],
    ],
  },
  files1: {
    operationsPerSecond: 3,
    moves: [
      [2, churn('/srv', 'scans', 20, 14_000)],
      [1, SYSLOG],
    ],
  },
  web1: {
    operationsPerSecond: 6,
    moves: [
      [4, { kind: 'append', mount: '/', file: 'var/log/access.log', bytes: 240 }],
      [2, churn('/', 'var/cache/nginx', 30, 3000)],
    ],
  },
};

/** A queue that is rewritten over and over: no pass gets smaller than the one before. */
const RESTLESS_MAIL: WriterProfile = {
  operationsPerSecond: 24,
  moves: [
    [20, { kind: 'rewrite', mount: '/', files: HOT_QUEUE, bytes: 512 * 1024 }],
    [4, churn('/', 'var/spool/mail/queue', 30, 40_000)],
  ],
};

export function writerProfile(machine: string, mailConverges: boolean): WriterProfile | undefined {
  return machine === 'mail1' && !mailConverges ? RESTLESS_MAIL : PROFILES[machine];
}
