import { diffTexts } from '../../foundation/text-diff.ts';
import { parseTree, printTree } from './xml-tree.ts';

/**
 * What became of a definition, as a unified diff of lines. Both are laid out alike first, so that only what differs
 * in meaning differs in the text; a text that is no XML is compared as it is.
 */
export const xmlDiff = (before: string, after: string): string => diffTexts(laidOut(before), laidOut(after));

/** The document in the layout in which landfall writes it. */
export function laidOut(xml: string): string {
  const tree = parseTree(xml);
  return tree === undefined ? xml : printTree(tree);
}
