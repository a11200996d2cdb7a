import { harmless } from '../../foundation/text.ts';
import type { SocketFacts } from '../../journal/facts.ts';

/** `ss -H -tulnp`: listening sockets, each once. The process column is there only for root. */
export function parseSockets(text: string): SocketFacts[] {
  const out = new Map<string, SocketFacts>();
  for (const line of text.split('\n')) {
    const [, protocol, address, port, rest] =
      /^(tcp|udp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+)\s+\S+\s*(.*)$/.exec(line) ?? [];
    if (address === undefined || port === undefined) continue;
    const process = /\(\("([^"]*)"/.exec(rest ?? '')?.[1];
    const socket: SocketFacts = {
      protocol: protocol === 'tcp' ? 'tcp' : 'udp',
      address: harmless(address.replace(/^\[(.*)\](?=%|$)/, '$1')),
      port: Number(port),
      ...(process === undefined ? {} : { process: harmless(process) }),
    };
    out.set(`${socket.protocol} ${socket.address} ${socket.port}`, socket);
  }
  return [...out.values()];
}

/** `systemctl list-units --plain --no-legend`: unit names; some versions begin a line with a bullet. */
export function parseServices(text: string): string[] {
  return text
    .split('\n')
    .map(line => /^\s*(?:[●*]\s+)?(\S+\.service)\b/.exec(line)?.[1])
    .filter(name => name !== undefined)
    .map(harmless);
}

/** The first column of `systemctl list-units` and `list-unit-files`, whatever kind of unit. */
export function parseUnitNames(text: string): string[] {
  const names = text.split('\n').map(line => /^\s*(?:[●*×]\s+)?(\S+\.[a-z]+)(?:\s|$)/.exec(line)?.[1]);
  return [...new Set(names.filter(name => name !== undefined).map(harmless))].sort();
}

/** Paths of the links that `systemctl enable` made, wherever they are; their names are the units. */
export function parseEnabledLinks(text: string): string[] {
  const names = text.split('\n').map(line => line.slice(line.lastIndexOf('/') + 1));
  return [...new Set(names.filter(name => /^\S+\.[a-z]+$/.test(name)).map(harmless))].sort();
}
