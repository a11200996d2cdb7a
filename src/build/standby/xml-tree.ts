import { XMLParser } from 'fast-xml-parser';

/**
 * A libvirt document as a tree that loses nothing: order, unknown elements, comments and the very spelling of
 * entities survive a walk through it. Changing means making a new tree.
 */
export interface XmlElement {
  readonly name: string;
  /** Values as they are spelt in the document; `attribute` decodes. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlContent[];
}

/** Text, a CDATA section or a comment, verbatim. */
interface XmlRaw {
  readonly raw: string;
}

type XmlContent = XmlElement | XmlRaw;

const isElement = (content: XmlContent): content is XmlElement => 'name' in content;

/** The root element, or undefined where the text is no XML. The XML declaration and outer comments are left out. */
export function parseTree(xml: string): XmlElement | undefined {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: false,
    commentPropName: COMMENT,
    cdataPropName: CDATA,
    ignoreDeclaration: true,
    ignorePiTags: true,
  });
  try {
    const parsed: unknown = parser.parse(xml, true);
    const roots = contentsOf(parsed).filter(isElement);
    return roots.length === 1 ? roots[0] : undefined;
  } catch {
    // The parser tells only where the text broke off; callers report the text itself.
    return undefined;
  }
}

const TEXT = '#text';
const COMMENT = '#comment';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';

function contentsOf(parsed: unknown): XmlContent[] {
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((item: unknown): XmlContent[] => {
    if (typeof item !== 'object' || item === null) return [];
    const entries = Object.entries(item);
    const [name, inner] = entries.find(([key]) => key !== ATTRIBUTES) ?? [];
    if (name === undefined) return [];
    if (name === TEXT) return isBlank(String(inner)) ? [] : [{ raw: String(inner) }];
    if (name === COMMENT) return [{ raw: `<!--${innerText(inner)}-->` }];
    if (name === CDATA) return [{ raw: `<![CDATA[${innerText(inner)}]]>` }];
    const attributes = entries.find(([key]) => key === ATTRIBUTES)?.[1];
    return [{ name, attributes: attributesOf(attributes), children: contentsOf(inner) }];
  });
}

const isBlank = (value: string): boolean => value.trim() === '';

function innerText(parsed: unknown): string {
  if (!Array.isArray(parsed)) return '';
  return parsed
    .map((item: unknown) => (typeof item === 'object' && item !== null ? Reflect.get(item, TEXT) : ''))
    .join('');
}

function attributesOf(parsed: unknown): Record<string, string> {
  if (typeof parsed !== 'object' || parsed === null) return {};
  return Object.fromEntries(Object.entries(parsed).map(([key, value]) => [key, String(value)]));
}

/**
 * The document in libvirt's own style: two blanks of indentation, single quotes. Written here and not by the
 * library's builder, which breaks lines inside text next to a CDATA section.
 */
export function printTree(root: XmlElement): string {
  return `${linesOf(root, '').join('\n')}\n`;
}

function linesOf(node: XmlElement, indent: string): string[] {
  const attributes = Object.entries(node.attributes)
    .map(([key, value]) => ` ${key}='${value.replaceAll("'", '&apos;')}'`)
    .join('');
  const head = `${indent}<${node.name}${attributes}`;
  if (node.children.length === 0) return [`${head}/>`];
  if (node.children.some(child => !isElement(child) && !child.raw.startsWith('<!--'))) {
    return [`${head}>${node.children.map(inline).join('')}</${node.name}>`];
  }
  const inner = node.children.flatMap(child =>
    isElement(child) ? linesOf(child, `${indent}  `) : [`${indent}  ${child.raw}`],
  );
  return [`${head}>`, ...inner, `${indent}</${node.name}>`];
}

/** Beside text every blank counts, so nothing is put on a line of its own. */
function inline(content: XmlContent): string {
  if (!isElement(content)) return content.raw;
  const empty = { ...content, children: [] };
  const tag = linesOf(empty, '').join('');
  if (content.children.length === 0) return tag;
  return `${tag.slice(0, -2)}>${content.children.map(inline).join('')}</${content.name}>`;
}

const ENTITIES: ReadonlyArray<readonly [string, string]> = [
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&apos;', "'"],
  ['&amp;', '&'],
];

const decode = (raw: string): string =>
  ENTITIES.reduce((text, [entity, character]) => text.replaceAll(entity, character), raw);
const encode = (text: string): string =>
  ENTITIES.toReversed().reduce((raw, [entity, character]) => raw.replaceAll(character, entity), text);

/** A new element; attributes are given as plain text, those that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | undefined>> = {},
  children: readonly (XmlElement | string)[] = [],
): XmlElement {
  const made: XmlElement = {
    name,
    attributes: {},
    children: children.map(child => (typeof child === 'string' ? { raw: encode(child) } : child)),
  };
  return setAttributes(made, attributes);
}

export function attribute(node: XmlElement | undefined, name: string): string | undefined {
  const raw = node?.attributes[name];
  return raw === undefined ? undefined : decode(raw);
}

/** The text directly in it, without blanks around it; empty where there is none. */
export function textOf(node: XmlElement | undefined): string {
  const raws = node?.children.flatMap(child => (isElement(child) ? [] : [child.raw])) ?? [];
  return decode(raws.filter(raw => !raw.startsWith('<!')).join('')).trim();
}

/** Child elements, all of them or those of a name. */
export function elements(node: XmlElement | undefined, name?: string): XmlElement[] {
  const all = node?.children.filter(isElement) ?? [];
  return name === undefined ? all : all.filter(child => child.name === name);
}

/** The first element at the end of the path. */
export function find(node: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((at, name) => elements(at, name)[0], node);
}

/** The same element with some attributes set (plain text) or, where undefined, removed. */
export function setAttributes(
  node: XmlElement,
  changes: Readonly<Record<string, string | undefined>>,
): XmlElement {
  const attributes: Record<string, string> = {};
  for (const [name, raw] of Object.entries(node.attributes)) {
    if (!Object.hasOwn(changes, name)) attributes[name] = raw;
    else if (changes[name] !== undefined) attributes[name] = encode(changes[name]);
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) attributes[name] = encode(value);
  }
  return { ...node, attributes };
}

/** The same element with each child element passed through `change`; undefined takes the child away. */
export function mapElements(
  node: XmlElement,
  change: (child: XmlElement) => XmlElement | undefined,
): XmlElement {
  const children = node.children.flatMap((child): XmlContent[] => {
    if (!isElement(child)) return [child];
    const changed = change(child);
    return changed === undefined ? [] : [changed];
  });
  return { ...node, children };
}

/** The same tree with the elements at the end of the path passed through `change`. */
export function mapAt(
  node: XmlElement,
  path: readonly string[],
  change: (found: XmlElement) => XmlElement | undefined,
): XmlElement {
  const [name, ...rest] = path;
  if (name === undefined) return node;
  return mapElements(node, child => {
    if (child.name !== name) return child;
    return rest.length === 0 ? change(child) : mapAt(child, rest, change);
  });
}

/** The same element without the children of these names. */
export const without = (node: XmlElement, ...names: readonly string[]): XmlElement =>
  mapElements(node, child => (names.includes(child.name) ? undefined : child));

/** The same element with the child put in the place of the first of its name, or at the end; further ones go. */
export function put(node: XmlElement, child: XmlElement): XmlElement {
  if (find(node, child.name) === undefined) return append(node, child);
  let placed = false;
  return mapElements(node, each => {
    if (each.name !== child.name) return each;
    if (placed) return undefined;
    placed = true;
    return child;
  });
}

export const append = (node: XmlElement, ...added: readonly XmlElement[]): XmlElement => ({
  ...node,
  children: [...node.children, ...added],
});
