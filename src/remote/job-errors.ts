import { LandfallError } from '../foundation/errors.ts';

export function jobLost(host: string, id: string, how: string): LandfallError {
  return new LandfallError('job.lost', {
    what: `job ${id} on ${host} is lost: ${how}`,
    why: 'it was killed, or the host was restarted; how far it came is unknown',
    where: { host },
    next: [
      'run the same command again: the step starts the job anew',
      `look at the log of ${host} for the reason`,
    ],
  });
}

export function jobConflict(host: string, id: string, what: string, next: string[]): LandfallError {
  return new LandfallError('job.conflict', { what, where: { host, command: id }, next });
}
