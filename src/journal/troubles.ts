import { dirname } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';

/** The refusals of this room, in one place, so that they say the same thing everywhere. */

export function journalDamaged(file: string, line: number, reason: string, text: string): LandfallError {
  return new LandfallError('state.damaged', {
    what: `line ${line} of the journal is damaged: ${reason}`,
    where: { file, line },
    why: 'everything after it could be folded into a state that never was, so nothing is resumed from it',
    evidence: text === '' ? [] : [text],
    next: [
      `compare it with the last committed journal: git -C ${dirname(file)} diff -- journal.jsonl`,
      'keep the damaged file under another name, then restore the committed one: git checkout -- journal.jsonl',
      'run landfall again: every step asks the world what is already done',
    ],
  });
}

export function journalNewer(file: string, line: number, reason: string): LandfallError {
  return new LandfallError('state.newer', {
    what: `line ${line} of the journal cannot be read: ${reason}`,
    where: { file, line },
    why: 'this landfall would overlook what the newer one has recorded',
    next: ['use the newest landfall that has worked on this evacuation'],
  });
}

export function unwritable(file: string, error: unknown): LandfallError {
  const code = errno(error);
  return new LandfallError('state.unwritable', {
    what: `cannot write ${file}: ${MEANING[code ?? ''] ?? code ?? 'unexpected failure'}`,
    where: { file },
    why: 'nothing is done to the world that cannot be recorded, so landfall stops here',
    evidence: [error instanceof Error ? error.message : String(error)],
    next: [
      `make the directory writable and give it space: df -h ${dirname(file)}`,
      'run the same command again: it goes on where it stopped',
    ],
    cause: error,
  });
}

export function unreadable(file: string, error: unknown): LandfallError {
  const code = errno(error);
  return new LandfallError('state.damaged', {
    what: `cannot read ${file}: ${MEANING[code ?? ''] ?? code ?? 'unexpected failure'}`,
    where: { file },
    evidence: [error instanceof Error ? error.message : String(error)],
    next: ['check the owner and mode of the evacuation directory, and the health of its disk'],
    cause: error,
  });
}

const MEANING: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would exceed the size limit of this process (ulimit -f)',
  EIO: 'the disk reports an input/output error',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'it is a directory',
  ENOTSUP: 'the file system does not support what is needed',
};

/** `ENOENT` and the like, where the error is one of the operating system. */
export function errno(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof LandfallError) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
