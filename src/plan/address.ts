import { isIPv4, isIPv6 } from 'node:net';

/**
 * A host name or an ssh_config alias, label by label; or anything made of what IPv6 is made of. Neither can be more
 * than one word in a shell. No zone (`%eth0`): ssh would expand the percent sign.
 */
export const ADDRESS_PATTERN =
  /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)*|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)$/;

/** What is wrong with a text as an address, in words; undefined where nothing is. */
export function addressFault(text: string): string | undefined {
  if (splitPort(text)?.port !== undefined) return 'the port does not belong in the address';
  if (!ADDRESS_PATTERN.test(text)) return 'not a host name, an ssh_config alias or an IP address';
  if (text.includes(':')) return isIPv6(text) ? undefined : 'not an IPv6 address';
  // What is all numbers is never looked up as a name: old resolvers fill in octets that are missing.
  if (/^[\d.]+$/.test(text))
    return isIPv4(text) ? undefined : 'not an IPv4 address: four numbers from 0 to 255';
  return undefined;
}

/** `ssh://root@db1:22/`, `10.20.0.51:2222`, `[fd00::1]:22`: the host in it, and the port where one is written. */
export function splitPort(written: string): { host: string; port: string | undefined } | undefined {
  const match = /^(?:ssh:\/\/)?(?:[^@\s:]+@)?(?:\[([^\s[\]]+)\]|([^\s:/@[\]]+))(?::(\d+))?\/?$/.exec(
    written.trim(),
  );
  const host = match?.[1] ?? match?.[2];
  return host === undefined ? undefined : { host, port: match?.[3] };
}
