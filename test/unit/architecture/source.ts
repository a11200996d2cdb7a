import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAst } from 'vitest/node';

/** Source files as syntax trees, so that rules judge code and not comments or strings. */

export interface SourceFile {
  /** Relative to the root of the project, with slashes: `src/journal/fold.ts`. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly Node[];
}

/** Any node of the tree; its fields are looked at one by one. */
export type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

export function sourceFile(path: string, text: string): SourceFile {
  const nodes: Node[] = [];
  collect(parseAst(text, { lang: path.endsWith('x') ? 'tsx' : 'ts' }), nodes);
  return { path, text, nodes };
}

function collect(value: unknown, into: Node[]): void {
  if (Array.isArray(value)) for (const each of value) collect(each, into);
  else if (isNode(value)) {
    into.push(value);
    for (const each of Object.values(value)) collect(each, into);
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** Every TypeScript file below a directory of the project. */
export function sourceFiles(root: string, directory: string): SourceFile[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
    .map(file => sourceFile(relative(root, file).replaceAll('\\', '/'), readFileSync(file, 'utf8')));
}

export function lineOf(file: SourceFile, node: Node): number {
  return file.text.slice(0, node.start).split('\n').length;
}

/** `process.env` for a member access, `console` for a name; undefined for anything else. */
export function dotted(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return String(node['name']);
  if (node.type === 'ChainExpression') return dotted(node['expression']);
  if (node.type !== 'MemberExpression') return undefined;
  const object = dotted(node['object']);
  const property = node['property'];
  const name =
    node['computed'] === true && isNode(property) && property.type === 'Literal'
      ? String(property['value'])
      : dotted(property);
  return object === undefined || name === undefined ? undefined : `${object}.${name}`;
}

export interface Import {
  readonly specifier: string;
  readonly node: Node;
  /** `import()` rather than a statement. */
  readonly dynamic: boolean;
  readonly typeOnly: boolean;
  /** Imported names; empty for a namespace, a default or `import()`. */
  readonly names: readonly string[];
}

/** Everything a file imports or re-exports by a literal specifier, types included. */
export function importsOf(file: SourceFile): Import[] {
  return file.nodes.flatMap((node): Import[] => {
    const source = node['source'];
    if (node.type === 'TSImportType') {
      const specifier = literal(source) ?? literal(node['argument']);
      return specifier === undefined ? [] : [{ specifier, node, dynamic: false, typeOnly: true, names: [] }];
    }
    const specifier = literal(source);
    if (specifier === undefined) return [];
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration': {
        const list = Array.isArray(node['specifiers']) ? node['specifiers'].filter(isNode) : [];
        const kinds = [node['importKind'], node['exportKind']];
        const typeOnly =
          kinds.includes('type') || (list.length > 0 && list.every(each => each['importKind'] === 'type'));
        const names = list.flatMap(
          each => (each.type === 'ImportSpecifier' ? dotted(each['imported']) : undefined) ?? [],
        );
        return [{ specifier, node, dynamic: false, typeOnly, names }];
      }
      case 'ImportExpression':
        return [{ specifier, node, dynamic: true, typeOnly: false, names: [] }];
      default:
        return [];
    }
  });
}

export function literal(node: unknown): string | undefined {
  return isNode(node) && node.type === 'Literal' && typeof node['value'] === 'string'
    ? node['value']
    : undefined;
}
