import { createHash } from 'node:crypto';
import { LANDFALL_NAMESPACE } from '../../tools/libvirt-xml.ts';
import {
  append,
  attribute,
  element,
  elements,
  find,
  mapAt,
  parseTree,
  printTree,
  textOf,
  type XmlElement,
} from './xml-tree.ts';

/** Whose object a domain is: an evacuation by name and beginning, and the machine of its plan. */
export interface Owner {
  readonly evacuation: string;
  readonly begun: string;
  readonly machine: string;
}

export type MarkKind = 'standby' | 'proof';

/** Says in the domain's metadata whose it is and which definition it is; answers the digest of that definition. */
export function marked(
  domain: XmlElement,
  kind: MarkKind,
  { evacuation, begun, machine }: Owner,
): { domain: XmlElement; digest: string } {
  const bare = unmarked(domain);
  const mark = (digest?: string): XmlElement =>
    element(`landfall:${kind}`, { 'xmlns:landfall': LANDFALL_NAMESPACE, evacuation, begun, machine, digest });
  const withMark = (digest?: string): XmlElement =>
    find(bare, 'metadata') === undefined
      ? append(bare, element('metadata', {}, [mark(digest)]))
      : mapAt(bare, ['metadata'], metadata => append(metadata, mark(digest)));
  const digest = createHash('sha256').update(printTree(withMark())).digest('hex');
  return { domain: withMark(digest), digest };
}

/** The same domain without any mark of ours. */
const unmarked = (domain: XmlElement): XmlElement =>
  mapAt(domain, ['metadata'], metadata => ({
    ...metadata,
    children: metadata.children.filter(child => !('name' in child) || markKind(child) === undefined),
  }));

/** libvirt keeps a prefix as it was written; the namespace decides, not the prefix. */
function markKind(node: XmlElement): string | undefined {
  const [prefix = '', local] = node.name.includes(':') ? node.name.split(':') : ['', node.name];
  const namespace = attribute(node, prefix === '' ? 'xmlns' : `xmlns:${prefix}`);
  return namespace === LANDFALL_NAMESPACE ? local : undefined;
}

/** A domain that was found under a name of ours. */
export interface Found {
  readonly uuid: string;
  /** Whose it says it is; absent where it bears no mark of that kind. */
  readonly owner?: Owner;
  /** Of the definition that was given to libvirt; empty where it bears no mark. */
  readonly digest: string;
}

/** What `virsh dumpxml` shows; undefined where it is no domain. */
export function readMark(xml: string, kind: MarkKind): Found | undefined {
  const domain = parseTree(xml);
  const uuid = textOf(find(domain, 'uuid')).toLowerCase();
  if (domain?.name !== 'domain' || uuid === '') return undefined;
  const mark = elements(find(domain, 'metadata')).find(node => markKind(node) === kind);
  if (mark === undefined) return { uuid, digest: '' };
  const word = (name: string): string => attribute(mark, name) ?? '';
  return {
    uuid,
    owner: { evacuation: word('evacuation'), begun: word('begun'), machine: word('machine') },
    digest: word('digest'),
  };
}

export const isOwn = (found: Found, { evacuation, begun, machine }: Owner): boolean =>
  found.owner?.evacuation === evacuation && found.owner.begun === begun && found.owner.machine === machine;
