import { get } from '../../journal/maps.ts';
import type { View } from '../../step/step.ts';

/** 0: what holds data or names for others; 1: applications; 2: front ends. */
export type Rank = 0 | 1 | 2;

const DATA_PORTS = new Set([
  ...[53, 88, 389, 636, 445, 2049, 1433, 1521, 3306, 5432, 6379, 9200, 9042, 11211, 27017],
]);
const FRONT_PORTS = new Set([80, 443]);
const FRONTS = /^(?:nginx|haproxy|apache2|httpd|varnishd|traefik|caddy|envoy|squid|lighttpd)/;

/** What a machine most likely is, by what listens on it for others and by the data that it keeps. */
export function rankOf({ plan, state }: View, name: string): Rank {
  if (!Object.hasOwn(plan.machines, name)) return 0;
  const machine = get(state.machines, name);
  const offered = (machine?.observed?.guest.sockets ?? []).filter(
    ({ address }) => !address.startsWith('127.') && address !== '::1',
  );
  const isFront = offered.some(
    ({ port, process }) => FRONT_PORTS.has(port) && (process === undefined || FRONTS.test(process)),
  );
  if (offered.some(({ port }) => DATA_PORTS.has(port))) return 0;
  if (isFront) return 2;
  return (machine?.surveyed?.dataServices ?? []).length > 0 ? 0 : 1;
}
