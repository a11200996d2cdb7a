import type { FileEdit, Fixup } from '../../../journal/proof-facts.ts';
import { file, fixupOf } from '../edit.ts';
import type { Tree } from '../tree.ts';
import type { FinalizeWish } from '../wish.ts';
import { IFCFG, IFUPDOWN, KEYFILE, NETWORKD, ROUTES } from './formats.ts';
import { editLines, type LineFormat } from './lines.ts';
import { Mover, readMoves } from './mover.ts';
import { editNetplan } from './netplan.ts';

const about = {
  id: 'network',
  title: 'give the machine its addresses at the target',
  why: 'The addresses of the source belong to the network of the source.',
};

const byLines =
  (format: LineFormat) =>
  (text: string, mover: Mover): string =>
    editLines(text, format, mover);

type Editor = (text: string, mover: Mover) => string | undefined;

const EDITORS: readonly (readonly [RegExp, Editor])[] = [
  [/^\/etc\/network\/interfaces(?:\.d\/[^/]+)?$/, byLines(IFUPDOWN)],
  [/^\/etc\/netplan\/[^/]+\.ya?ml$/, editNetplan],
  [/^\/etc\/NetworkManager\/system-connections\/[^/]+$/, byLines(KEYFILE)],
  [/^\/etc\/systemd\/network\/[^/]+\.network$/, byLines(NETWORKD)],
  [/^\/etc\/sysconfig\/(?:network-scripts|network)\/ifcfg-[^/]+$/, byLines(IFCFG)],
  [/^\/etc\/sysconfig\/network$/, byLines(IFCFG)],
  [/^\/etc\/sysconfig\/(?:network-scripts\/route-|network\/ifroute-)[^/]+$/, byLines(ROUTES)],
  [/^\/etc\/sysconfig\/network\/routes$/, byLines(ROUTES)],
];

/** Files that only tell of addresses: what is left in them is told, never changed by guess. */
const TOLD = ['/etc/hosts', '/etc/resolv.conf'];

/** Addresses move only where the plan says to which network, and only for a cutover: a proof is isolated. */
export function networkFixup(tree: Tree, wish: FinalizeWish): Fixup | undefined {
  if (wish.purpose === 'proof') return undefined;
  const { moves, warnings } = readMoves(wish.moves);
  const mover = new Mover(moves);
  const edits: (FileEdit | undefined)[] = [];
  for (const [path, { text, kind }] of tree.entries) {
    const editor = EDITORS.find(([pattern]) => pattern.test(path))?.[1];
    if (editor === undefined || kind !== 'file') continue;
    if (text === undefined) {
      warnings.push(`${path} is not text that can be edited safely: its addresses stay.`);
      continue;
    }
    const after = editor(text, mover);
    if (after === undefined) warnings.push(`${path} cannot be understood: its addresses stay.`);
    edits.push(file(tree, path, after ?? text));
    warnings.push(...leftIn(path, after ?? text, mover));
  }
  edits.push(hostsEdit(tree, wish, mover));
  for (const path of TOLD) {
    const text = edits.find(edit => edit?.path === path)?.after ?? tree.entries.get(path)?.text;
    if (text !== undefined) warnings.push(...leftIn(path, text, mover));
  }
  return fixupOf(about, { edits, warnings: [...warnings, ...unmoved(wish, moves.length)] });
}

const leftIn = (path: string, text: string, mover: Mover): string[] =>
  mover
    .left(text)
    .map(({ line, address }) => `${path}, line ${line}, still names ${address} of the source's network.`);

/** The machine's own name beside its own address. */
function hostsEdit(tree: Tree, wish: FinalizeWish, mover: Mover): FileEdit | undefined {
  const text = tree.entries.get('/etc/hosts')?.text;
  if (text === undefined) return undefined;
  const own = new Set(wish.guest.addresses.map(address => address.split('/')[0]));
  const after = text.replace(
    /^([ \t]*)([0-9a-fA-F.:]+)(?=[ \t])/gm,
    (whole, space: string, address: string) =>
      own.has(address) ? space + (mover.own(address) ?? address) : whole,
  );
  return file(tree, '/etc/hosts', after);
}

/** Static addresses of which the plan says nothing. */
function unmoved(wish: FinalizeWish, moves: number): string[] {
  if (moves > 0) return [];
  const fixed = [...new Set((wish.guest.network ?? []).flatMap(config => config.addresses))];
  if (fixed.length === 0) return [];
  return [
    `The plan does not say where ${fixed.join(', ')} belongs at the target (networks: cidr of both sides, replaces): addresses stay as they are.`,
  ];
}
