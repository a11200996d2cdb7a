/** SQL Server keeps local times without a zone. The zone that it is in now is taken for all of them. */

/** `2026-11-23T07:40:02.62` of a server `offset` minutes ahead of UTC, in epoch ms; undefined where it is no instant. */
export function instantOf(local: string, offset: number): number | undefined {
  const found = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?$/.exec(local);
  if (found === null) return undefined;
  const at = Date.parse(`${found[1]}T${found[2]}Z`);
  // A day that the month does not have is moved to the next one by some, and refused by others.
  if (Number.isNaN(at) || !new Date(at).toISOString().startsWith(`${found[1]}T`)) return undefined;
  return at - offset * 60_000;
}

/** SQL Server Agent's numbers: 20261123 and 74002 are 07:40:02 on that day. 0 is never. */
export function instantOfRun(date: number, time: number, offset: number): number | undefined {
  const day = String(date);
  if (!/^\d{8}$/.test(day)) return undefined;
  return instantOf(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${clockOf(time)}`, offset);
}

/** 74002 as `07:40:02`. */
export function clockOf(time: number): string {
  const digits = String(Math.trunc(time)).padStart(6, '0');
  return `${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`;
}
