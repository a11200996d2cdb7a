import { z } from 'zod';

/** What a fix-up changes in a copied system, and what a boot of it proved. */

/** One file of the tree before and after; `before` is absent where there was none, `after` null where it goes. */
export const fileEdit = z.strictObject({
  path: z.string(),
  /**
   * Permission bits; what is no plain file has its type before them as in st_mode: 0o120777 is a symbolic link to what
   * `after` says, 0o041777 a directory.
   */
  mode: z.number(),
  before: z.string().optional(),
  after: z.string().nullable(),
});

/** A command run in a chroot of the tree. */
export const treeCommand = z.strictObject({
  argv: z.array(z.string()).min(1),
  why: z.string(),
});

export const fixup = z.strictObject({
  /** `fstab`, `boot-loader`, `initramfs`, `network` … */
  id: z.string(),
  title: z.string(),
  why: z.string(),
  edits: z.array(fileEdit),
  commands: z.array(treeCommand),
  /** What this fix-up saw and could not set right: one sentence each, told before the boot. */
  warnings: z.array(z.string()),
});

export const PROOF_CHECKS = [
  'kernel',
  'userspace',
  'nonce',
  'isolation',
  'agent',
  'host-key',
  'identity',
  'root',
  'mounts',
  'units',
  'sockets',
  'checks',
  'untouched',
] as const;

/** One piece of evidence. `unproven` where it could not be looked at; only `fail` fails a proof. */
export const proofCheck = z.strictObject({
  check: z.enum(PROOF_CHECKS),
  verdict: z.enum(['pass', 'fail', 'unproven']),
  /** What was found, one sentence. */
  found: z.string(),
  /** Details, one line each. */
  detail: z.array(z.string()),
  /** Milliseconds after the start of the domain. */
  afterMs: z.number().optional(),
});

export const PROOF_REASONS = [
  'no-boot-loader',
  'grub-rescue',
  'missing-root',
  'kernel-panic',
  'emergency-shell',
  'dracut-timeout',
  'fsck-failed',
  'relabel-loop',
  'no-network',
  'failed-unit',
  'missing-socket',
  'wrong-identity',
  'wrong-host-key',
  'failed-check',
  'not-isolated',
  'replica-touched',
  'no-console',
  'timeout',
] as const;

export const proofReason = z.strictObject({
  kind: z.enum(PROOF_REASONS),
  /** In words an engineer at night understands, one or two sentences. */
  words: z.string(),
  /** The lines of the console that say so. */
  evidence: z.array(z.string()),
  remedy: z.array(z.string()),
});

export type FileEdit = z.infer<typeof fileEdit>;
export type TreeCommand = z.infer<typeof treeCommand>;
export type Fixup = z.infer<typeof fixup>;
export type ProofCheck = z.infer<typeof proofCheck>;
export type ProofReason = z.infer<typeof proofReason>;
