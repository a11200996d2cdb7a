import { XMLParser } from 'fast-xml-parser';

/** The namespace of landfall's marks in the metadata of the domains that it defines. */
export const LANDFALL_NAMESPACE = 'urn:landfall:1';

/**
 * libvirt's XML as a tree that can be walked without trust in its shape: every look-up answers undefined where the
 * document does not have it.
 */
export class XmlNode {
  readonly #value: unknown;

  constructor(value: unknown) {
    this.#value = value;
  }

  /** The text of this element. */
  get text(): string | undefined {
    if (typeof this.#value === 'string') return this.#value;
    const inner = this.#get('#text');
    return typeof inner === 'string' ? inner : undefined;
  }

  attribute(name: string): string | undefined {
    const value = this.#get(`@${name}`);
    return typeof value === 'string' ? value : undefined;
  }

  /** The first child of that name, following the path; an absent one is an empty node. */
  child(...path: readonly string[]): XmlNode {
    const [name, ...rest] = path;
    if (name === undefined) return this;
    const [first] = this.children(name);
    return (first ?? new XmlNode(undefined)).child(...rest);
  }

  children(name: string): XmlNode[] {
    const value = this.#get(name);
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map(item => new XmlNode(item));
  }

  /** Names of the child elements, prefixes included. */
  get names(): string[] {
    if (typeof this.#value !== 'object' || this.#value === null) return [];
    return Object.keys(this.#value).filter(key => !key.startsWith('@') && !key.startsWith('#'));
  }

  get exists(): boolean {
    return this.#value !== undefined;
  }

  #get(key: string): unknown {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value))
      return undefined;
    return Object.hasOwn(this.#value, key) ? Reflect.get(this.#value, key) : undefined;
  }
}

/** The document, or undefined where it is no XML. Nothing is converted: numbers stay text. */
export function parseXml(xml: string): XmlNode | undefined {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  try {
    const value: unknown = parser.parse(xml, true);
    return new XmlNode(value);
  } catch {
    // The parser tells only where the text broke off; callers report the text itself.
    return undefined;
  }
}

const SCALES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1e6,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1e9,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1e12,
};

/** A scaled integer of libvirt (`<memory unit='KiB'>`) in bytes; `fallback` is the unit where none is written. */
export function bytesOf(node: XmlNode, fallback: string): number | undefined {
  const scale = SCALES[(node.attribute('unit') ?? fallback).toLowerCase()];
  const text = node.text?.trim();
  if (scale === undefined || text === undefined || !/^\d+$/.test(text)) return undefined;
  return Number(text) * scale;
}

export interface PoolXml {
  readonly name: string;
  /** `dir`, `logical`, `netfs` …; a pool without a word for it is a directory. */
  readonly type: string;
  readonly capacity: number;
  readonly available: number;
  readonly path: string;
}

/** `virsh pool-dumpxml`. An inactive pool has no sizes and counts as empty. */
export function parsePool(xml: string): PoolXml | undefined {
  const pool = parseXml(xml)?.child('pool');
  const name = pool?.child('name').text;
  if (pool === undefined || name === undefined) return undefined;
  return {
    name,
    type: pool.attribute('type') ?? 'dir',
    capacity: bytesOf(pool.child('capacity'), 'bytes') ?? 0,
    available: bytesOf(pool.child('available'), 'bytes') ?? 0,
    path: pool.child('target', 'path').text ?? '',
  };
}

export interface VolumeXml {
  readonly name: string;
  readonly capacity: number;
  readonly allocation: number;
  readonly path: string;
  readonly format: string;
  /** Path of the image below it, where it is an overlay. */
  readonly backing: string | undefined;
}

/** `virsh vol-dumpxml`. */
export function parseVolume(xml: string): VolumeXml | undefined {
  const volume = parseXml(xml)?.child('volume');
  const name = volume?.child('name').text;
  const path = volume?.child('target', 'path').text;
  const capacity = volume === undefined ? undefined : bytesOf(volume.child('capacity'), 'bytes');
  if (volume === undefined || name === undefined || path === undefined || capacity === undefined)
    return undefined;
  return {
    name,
    capacity,
    allocation: bytesOf(volume.child('allocation'), 'bytes') ?? 0,
    path,
    format: volume.child('target', 'format').attribute('type') ?? 'raw',
    backing: volume.child('backingStore', 'path').text,
  };
}
