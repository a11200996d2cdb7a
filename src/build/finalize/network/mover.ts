import {
  type Address,
  contains,
  formatAddress,
  hostMask,
  lastOf,
  type Network,
  netmask,
  overlap,
  parseAddress,
  parseNetwork,
} from '../ip.ts';
import type { NetworkMove } from '../wish.ts';

/** One move with its networks understood. */
export interface Move {
  readonly plan: NetworkMove;
  readonly from: Network;
  readonly to: Network;
}

/** Moves that can be made, and what stands against the others. */
export function readMoves(plans: readonly NetworkMove[]): { moves: Move[]; warnings: string[] } {
  const moves: Move[] = [];
  const warnings: string[] = [];
  for (const plan of plans) {
    const [from, to] = [parseNetwork(plan.from), parseNetwork(plan.to)];
    const name = `${plan.source} (${plan.from}) to ${plan.target} (${plan.to})`;
    if (from === undefined || to === undefined || from.bits !== to.bits) {
      warnings.push(`Addresses cannot go from ${name}: these are not two networks of one family.`);
    } else if (plan.from !== plan.to && overlap(from, to)) {
      warnings.push(`Addresses cannot go from ${name}: one network lies in the other.`);
    } else moves.push({ plan, from, to });
  }
  return { moves, warnings };
}

/** Where addresses go: the host part stays, the network is the target's. Undefined where a value does not move. */
export class Mover {
  readonly moves: readonly Move[];
  constructor(moves: readonly Move[]) {
    this.moves = moves.filter(move => move.plan.from !== move.plan.to);
  }

  /** The move of the network in which an address lies, with or without a prefix length behind it. */
  moveOf(value: string): Move | undefined {
    const address = parseAddress(value.split('/')[0] ?? '');
    return address && this.moves.find(move => contains(move.from, address));
  }

  /** An address of the machine itself; a prefix length that was the network's becomes the new network's. */
  own(value: string): string | undefined {
    const [head = '', length] = value.split('/');
    const move = this.moveOf(head);
    const address = parseAddress(head);
    const moved = move && address && shifted(move, address);
    if (move === undefined || moved === undefined) return undefined;
    return length === undefined ? moved : `${moved}/${this.prefix(length, move) ?? length}`;
  }

  /** A router: the one that the plan names, otherwise the host part stays. */
  router(value: string): string | undefined {
    const move = this.moveOf(value);
    const address = parseAddress(value);
    if (move === undefined || address === undefined) return undefined;
    const named = move.plan.gateway;
    return named !== undefined && parseAddress(named)?.bits === address.bits ? named : shifted(move, address);
  }

  /** The network's own address or its broadcast address. */
  edge(value: string): string | undefined {
    const move = this.moveOf(value);
    const address = parseAddress(value);
    if (move === undefined || address === undefined) return undefined;
    if (address.value === move.from.base) return formatAddress({ bits: move.to.bits, value: move.to.base });
    return address.value === lastOf(move.from).value ? formatAddress(lastOf(move.to)) : undefined;
  }

  prefix(length: string, move: Move | undefined): string | undefined {
    return move !== undefined && Number(length) === move.from.length ? String(move.to.length) : undefined;
  }

  mask(value: string, move: Move | undefined): string | undefined {
    if (/^\d+$/.test(value)) return this.prefix(value, move);
    return move !== undefined && value === netmask(move.from.length) ? netmask(move.to.length) : undefined;
  }

  /** Addresses in a text that lie in a network that is left behind, with the numbers of their lines. */
  left(text: string): { line: number; address: string }[] {
    return text.split('\n').flatMap((line, at) => {
      if (/^\s*[#;]/.test(line)) return [];
      return [
        ...line.matchAll(/(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]+)(?![\w.:])/g),
      ]
        .filter(found => this.moveOf(found[0]) !== undefined)
        .map(found => ({ line: at + 1, address: found[0] }));
    });
  }
}

/** Undefined where the host part has no room in the new network, or would be its first or last address. */
function shifted(move: Move, address: Address): string | undefined {
  const host = address.value & hostMask(move.from.bits, move.from.length);
  const value = move.to.base | host;
  if (host > hostMask(move.to.bits, move.to.length)) return undefined;
  const edge = value === move.to.base || value === lastOf(move.to).value;
  if (move.to.bits === 32 && move.to.length < 31 && edge) return undefined;
  return formatAddress({ bits: move.to.bits, value });
}
