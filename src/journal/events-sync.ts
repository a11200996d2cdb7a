import { z } from 'zod';

/**
 * What happens to copies: the passes, their verification, who moves a machine, what a pass leaves on the source for a
 * while and must be taken away again, and when landfall steps back so that production has its host to itself.
 */

const name = z.string();

export const MOVERS = ['files', 'blocks'] as const;
export const mover = z.enum(MOVERS);

export const consistency = z.enum(['smeared', 'crash', 'filesystem', 'application']);

/** One run inside a pass: one real file system by rsync, whose statistics count the bytes, or one disk by blocks. */
export const passRun = z.strictObject({
  mountpoint: z.string(),
  job: z.string(),
  code: z.number(),
  /** When rsync began, epoch ms by the source's own clock: its file times are held against this. */
  startedAt: z.number().optional(),
  files: z.number(),
  filesTransferred: z.number(),
  filesDeleted: z.number(),
  totalBytes: z.number(),
  transferredBytes: z.number(),
  literalBytes: z.number(),
  matchedBytes: z.number(),
  sentBytes: z.number(),
  receivedBytes: z.number(),
  /** Seconds that rsync spent building the file list: the scan floor. */
  listSeconds: z.number(),
  ms: z.number(),
  vanished: z.number(),
  /** Paths that could not be copied (code 23), first few, harmless text. */
  troubles: z.array(z.string()),
  /**
   * Of the blocks mover: the disk. Then `mountpoint` is its name, too, no files are counted, `literalBytes` are those that
   * were read because they had changed, `sentBytes` those of the piece that travelled, `totalBytes` its allocation.
   */
  disk: z.string().optional(),
  /** Streams that worked side by side, where there was more than one. */
  streams: z.number().optional(),
});

/** A path that later passes keep sending. */
const hotPath = z.strictObject({ path: z.string(), bytes: z.number() });

/** A disk as the blocks mover sees it. */
export const blockDiskFacts = z.strictObject({
  /** `vda`. */
  target: name,
  path: z.string(),
  format: z.string(),
  /** qcow2 only: `0.10` cannot hold bitmaps, `1.1` can. */
  compat: z.string().optional(),
  /** Bytes of the disk, and those that its file takes. */
  capacity: z.number(),
  allocation: z.number(),
  /** Bitmaps in the file, with the flags that qemu-img tells: `in-use` is left by a qemu that was killed. */
  bitmaps: z.array(z.strictObject({ name, flags: z.array(z.string()) })).optional(),
  /** Why checkpoints are impossible here, in words; absent where they are possible. */
  refusal: z.string().optional(),
});

export const syncBodies = [
  z.strictObject({
    type: z.literal('pass.started'),
    machine: z.string(),
    pass: z.number(),
    kind: z.enum(['full', 'delta']),
    mover,
    reason: z.string(),
    /** True where contents are compared, not only size and time. */
    checksum: z.boolean(),
    /** The forecast made before it, to be held against the outcome; absent for lack of a basis. */
    predictedMs: z.number().optional(),
    /** Literal bytes that were expected; as above. */
    predictedBytes: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('pass.ended'),
    machine: z.string(),
    pass: z.number(),
    kind: z.enum(['full', 'delta']),
    mover,
    consistency,
    startedAt: z.number(),
    ms: z.number(),
    runs: z.array(passRun),
    hot: z.array(hotPath),
    /** How long the guest's file systems stood still for it; absent where they were not frozen. */
    frozenMs: z.number().optional(),
  }),
  z.strictObject({
    type: z.literal('pass.judged'),
    machine: z.string(),
    pass: z.number(),
    verdict: z.enum(['first', 'converging', 'converged', 'not-converging', 'exhausted']),
    why: z.string(),
    /** What would help, where it does not converge. */
    help: z.array(z.string()),
  }),
  z.strictObject({
    type: z.literal('replica.verified'),
    machine: z.string(),
    /** The pass whose copy was checked, and when that pass began: exposure counts from here. */
    pass: z.number(),
    passStartedAt: z.number(),
    ms: z.number(),
    filesCompared: z.number(),
    bytesCompared: z.number(),
    /** Differences that the source made after the pass: expected on a live machine. */
    live: z.number(),
    /** Some of these paths. Absent in older journals. */
    livePaths: z.array(z.string()).optional(),
    /** Differences that no write on the source explains. */
    mismatches: z.array(z.string()),
    /** What was compared: these file systems, without these paths of the plan. Absent in older journals. */
    mountpoints: z.array(z.string()).optional(),
    excluded: z.array(z.string()).optional(),
    /** Of the blocks mover: the disks that were compared. */
    disks: z.array(z.string()).optional(),
    /**
     * Where not everything was compared: the share (0 to 1), and the chance (0 to 1) that this many damaged in a million
     * would have been found. Absent where everything was.
     */
    sample: z
      .strictObject({
        compared: z.number(),
        of: z.number(),
        /** `file`, or `piece` of this many bytes. */
        unit: z.enum(['file', 'piece']),
        damagedShare: z.number(),
        detection: z.number(),
        /** Which of `of` parts was compared: as many rounds with one seed have compared everything. */
        rotation: z.strictObject({ seed: z.string(), round: z.number(), of: z.number() }).optional(),
      })
      .optional(),
  }),
  z.strictObject({ type: z.literal('pass.requested'), machine: z.string(), reason: z.string() }),
  /** What the source's hypervisor can do for the blocks mover, and what is in its way. */
  z.strictObject({
    type: z.literal('blocks.observed'),
    machine: name,
    libvirt: z.string(),
    qemu: z.string(),
    disks: z.array(blockDiskFacts),
    /** Checkpoints of others; never touched. */
    foreignCheckpoints: z.array(name),
    /** Checkpoints of this evacuation. */
    ownCheckpoints: z.array(name),
    /** A job of somebody else that runs on the domain: `backup`, `blockcopy vda` … */
    job: z.string().optional(),
    /** Whether the guest agent answers: without it no file system is frozen. */
    agent: z.boolean(),
    /** Free bytes where pieces would lie, and that directory. */
    scratch: z.strictObject({ path: z.string(), free: z.number() }).optional(),
    /** Why the machine as a whole cannot move by blocks; empty where it can. */
    refusals: z.array(z.string()),
  }),
  /** From now on this mover; the reasons are shown wherever the mover is shown. */
  z.strictObject({
    type: z.literal('mover.chosen'),
    machine: name,
    mover,
    decided: z.enum(['plan', 'auto', 'engineer', 'fallback']),
    /** Why this one, one sentence each. */
    reasons: z.array(z.string()),
    /** What speaks for the other, or why it is impossible. */
    against: z.array(z.string()),
  }),
  /** An engineer asks for another mover; `auto` asks landfall to decide again. */
  z.strictObject({ type: z.literal('mover.ordered'), machine: name, mover: z.enum([...MOVERS, 'auto']) }),
  /** From here the hypervisor tracks what is written; made in the same instant in which the pass began to read. */
  z.strictObject({
    type: z.literal('checkpoint.made'),
    machine: name,
    pass: z.number(),
    checkpoint: name,
    /** Disks that it covers, with their capacity at that instant. */
    disks: z.array(z.strictObject({ disk: name, capacity: z.number() })),
  }),
  z.strictObject({ type: z.literal('checkpoint.removed'), machine: name, checkpoint: name }),
  /** The pieces of a pass are in the replica, whole: its checkpoint is the base of the next one. */
  z.strictObject({
    type: z.literal('replica.advanced'),
    machine: name,
    pass: z.number(),
    checkpoint: name,
    /** Where a full copy has taken the place of what was there before. */
    replaced: z.boolean(),
  }),
  /** How much was written since the last checkpoint, read beforehand for nothing. */
  z.strictObject({
    type: z.literal('dirty.read'),
    machine: name,
    checkpoint: name,
    bytes: z.number(),
  }),
  /** A snapshot inside the guest, from which a files pass reads; it must be gone after the pass. */
  z.strictObject({
    type: z.literal('snapshot.taken'),
    machine: name,
    pass: z.number(),
    kind: z.enum(['lvm', 'lvm-thin', 'btrfs', 'zfs']),
    /** `vg0/landfall-p3-root`, `pool/data@landfall-p3`. */
    snapshot: z.string(),
    mountpoint: z.string(),
    /** Where the pass reads it. */
    path: z.string(),
  }),
  z.strictObject({
    type: z.literal('snapshot.removed'),
    machine: name,
    snapshot: z.string(),
    /** Where it was of no use to its pass (it ran full, it could not be taken): why, for which file system, how large it was. */
    trouble: z
      .strictObject({ pass: z.number(), mountpoint: z.string(), why: z.string(), size: z.number() })
      .optional(),
  }),
  /** A command of the plan before or after a pass. */
  z.strictObject({
    type: z.literal('hook.ran'),
    machine: name,
    pass: z.number(),
    moment: z.enum(['before', 'after']),
    code: z.number().nullable(),
    ms: z.number(),
    /** Its last lines, harmless. */
    output: z.array(z.string()),
  }),
  /** Landfall steps back from a source that is short of something, or comes back. */
  z.strictObject({
    type: z.literal('source.cared'),
    machine: name,
    /** `ease`: slower; `stop`: no work of ours there; `release`: as before. */
    act: z.enum(['ease', 'stop', 'release']),
    /** Bytes per second that remain for a pass; of `ease`. */
    bytesPerSecond: z.number().optional(),
    /** It goes on slowly although the source is busy: it was as busy while nothing of ours ran there. */
    foreign: z.boolean().optional(),
    why: z.string(),
    evidence: z.array(z.string()),
  }),
  /** What a short sample said about compression on this path. */
  z.strictObject({
    type: z.literal('compression.sampled'),
    machine: name,
    sampledBytes: z.number(),
    compressedBytes: z.number(),
    bytesPerSecond: z.number(),
    choice: z.enum(['none', 'zstd', 'lz4', 'zlib']),
    why: z.string(),
  }),
  /** How the files of a machine travel best in its next full pass: how far it is, and what goes side by side. */
  z.strictObject({
    type: z.literal('path.surveyed'),
    machine: name,
    pass: z.number(),
    /** Milliseconds to the receiver and back, on the path itself; absent where they could not be measured. */
    rttMs: z.number().optional(),
    /** Streams side by side; 1 where one fills the link. */
    streams: z.number(),
    /** Of a file system that is split: what each further stream takes. Everything else goes with the first one. */
    shards: z.array(
      z.strictObject({
        mountpoint: z.string(),
        parts: z.array(
          z.strictObject({
            bytes: z.number(),
            /** Directories (with a slash at their end) and files, seen from the mount point: `/var/lib/`. */
            paths: z.array(z.string()),
          }),
        ),
      }),
    ),
    why: z.string(),
  }),
] as const;
