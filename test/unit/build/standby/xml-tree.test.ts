import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retarget } from '../../../../src/build/standby/retarget.ts';
import {
  append,
  attribute,
  element,
  elements,
  find,
  mapAt,
  parseTree,
  printTree,
  put,
  setAttributes,
  textOf,
  without,
  type XmlElement,
} from '../../../../src/build/standby/xml-tree.ts';
import { DOMAINS, domainXml, tree, wishFor } from './domains.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/).map(name => `x-${name}`);
const value = fc.string({ maxLength: 20, unit: 'grapheme-ascii' });
const leaf = fc
  .tuple(word, fc.dictionary(word, value, { maxKeys: 3 }), value)
  .map(([name, attributes, text]) => element(name, attributes, text.trim() === '' ? [] : [text]));
/** An element that no rule knows, with what may be in it. */
const unknown: fc.Arbitrary<XmlElement> = fc
  .tuple(word, fc.dictionary(word, value, { maxKeys: 3 }), fc.array(leaf, { maxLength: 3 }))
  .map(([name, attributes, children]) => element(name, attributes, children));

describe('a definition as a tree', () => {
  it.each(DOMAINS)('gives %s back as libvirt wrote it', name => {
    const normal = (xml: string): string => xml.replaceAll('"', "'").trim();
    expect(normal(printTree(tree(domainXml(name))))).toBe(normal(domainXml(name)));
  });

  it('reads what it printed, whatever names, values and texts stand in it', () => {
    fc.assert(
      fc.property(unknown, made => {
        expect(parseTree(printTree(made))).toEqual(made);
      }),
    );
  });

  it('keeps comments, CDATA and entities as they are spelt', () => {
    const xml = `<a><!-- why --><b c='&lt;&quot;&amp;'>1 <![CDATA[<2>]]> &#8364;</b></a>`;
    expect(printTree(tree(xml))).toBe(
      `<a>\n  <!-- why -->\n  <b c='&lt;&quot;&amp;'>1 <![CDATA[<2>]]> &#8364;</b>\n</a>\n`,
    );
    expect(attribute(find(tree(xml), 'b'), 'c')).toBe('<"&');
  });

  it('is undefined for what is no XML or more than one document', () => {
    for (const text of ['', 'error: no domain', '<a>', '<a></b>', '<a/><b/>'])
      expect(parseTree(text)).toBeUndefined();
  });

  it('changes only what it is asked to', () => {
    const root = tree("<a k='1'><b/><c n='1'/><c n='2'/></a>");
    expect(printTree(put(root, element('c', {}, ['x'])))).toBe("<a k='1'>\n  <b/>\n  <c>x</c>\n</a>\n");
    expect(printTree(without(root, 'c'))).toBe("<a k='1'>\n  <b/>\n</a>\n");
    expect(elements(append(root, element('d'))).map(({ name }) => name)).toEqual(['b', 'c', 'c', 'd']);
    expect(setAttributes(root, { k: undefined, l: "<'>" }).attributes).toEqual({ l: '&lt;&apos;&gt;' });
    expect(
      textOf(
        find(
          mapAt(root, ['b'], () => element('b', {}, ['& ok'])),
          'b',
        ),
      ),
    ).toBe('& ok');
  });
});

/** Where unknown elements are put: the domain itself, its devices, every disk and NIC. */
const PLACES: ReadonlyArray<readonly string[]> = [
  [],
  ['devices'],
  ['devices', 'disk'],
  ['devices', 'interface'],
  ['features'],
];

const plain = new Map(DOMAINS.map(name => [name, retarget(domainXml(name), wishFor(name)).changes]));

it('loses nothing that no rule speaks of, wherever it stands', () => {
  fc.assert(
    fc.property(fc.constantFrom(...DOMAINS), fc.constantFrom(...PLACES), unknown, (name, path, extra) => {
      const source = tree(domainXml(name));
      const odd =
        path.length === 0 ? append(source, extra) : mapAt(source, path, node => append(node, extra));
      const count = (root: XmlElement): number => occurrences(root, extra);
      const { xml, changes } = retarget(printTree(odd), wishFor(name));
      // The extra drive of the hold is new, and a NIC or a disk may be left out only with a word.
      expect(count(tree(xml))).toBe(count(odd));
      expect(changes).toEqual(plain.get(name));
    }),
    { numRuns: 40 },
  );
});

function occurrences(root: XmlElement, wanted: XmlElement): number {
  const text = JSON.stringify(wanted);
  const below = elements(root).reduce((sum, child) => sum + occurrences(child, wanted), 0);
  return below + (JSON.stringify(root) === text ? 1 : 0);
}
