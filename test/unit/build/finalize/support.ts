import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { kindOf } from '../../../../src/build/finalize/edit.ts';
import { fixupActions } from '../../../../src/build/finalize/perform.ts';
import { decodeTree, type Tree, type TreeEntry, treeCommand } from '../../../../src/build/finalize/tree.ts';
import type { FinalizeWish } from '../../../../src/build/finalize/wish.ts';
import type { BlockFacts } from '../../../../src/journal/facts.ts';
import type { Fixup } from '../../../../src/journal/proof-facts.ts';
import { domainFacts, guestFacts } from '../../../support/state.ts';

/** A tree in memory: paths and texts; a text of `undefined` is a thing that is only there. */
export function treeOf(
  files: Readonly<Record<string, string | undefined>>,
  rest: { programs?: readonly string[]; blocks?: readonly BlockFacts[]; links?: Record<string, string> } = {},
): Tree {
  const directories = ['/proc', '/sys', '/dev', '/run', '/tmp', '/var/tmp'];
  const entries = new Map<string, TreeEntry>(
    directories.map(each => [
      each,
      { real: each, kind: 'directory', mode: each.endsWith('tmp') ? 0o1777 : 0o755 },
    ]),
  );
  entries.set('/usr/lib/systemd/systemd', { real: '/usr/lib/systemd/systemd', kind: 'file', mode: 0o755 });
  for (const [name, text] of Object.entries(files))
    entries.set(name, { real: name, kind: 'file', mode: 0o644, ...(text === undefined ? {} : { text }) });
  for (const [name, link] of Object.entries(rest.links ?? {}))
    entries.set(name, { real: link, kind: 'other', mode: 0o777, link });
  return { entries, programs: new Set(rest.programs), blocks: rest.blocks ?? [] };
}

/** The tree as it is after the edits of some fix-ups. */
export function edited(tree: Tree, fixups: readonly Fixup[]): Tree {
  const entries = new Map(tree.entries);
  for (const edit of fixups.flatMap(fixup => fixup.edits)) {
    const kind = kindOf(edit);
    const mode = edit.mode & 0o7777;
    if (edit.after === null) entries.delete(edit.path);
    else if (kind === 'link')
      entries.set(edit.path, { real: edit.after, kind: 'other', mode, link: edit.after });
    else if (kind === 'directory') entries.set(edit.path, { real: edit.path, kind: 'directory', mode });
    else entries.set(edit.path, { real: edit.path, kind: 'file', mode, text: edit.after });
  }
  return { ...tree, entries };
}

export const wishOf = (wish: Partial<FinalizeWish> = {}): FinalizeWish => ({
  guest: guestFacts(),
  domain: domainFacts(),
  topologyKept: true,
  moves: [],
  purpose: wish.proof === undefined ? 'cutover' : 'proof',
  ...wish,
});

export const PROOF = { nonce: 'b0b-4711', hold: [], script: 'echo ok\n' } as const;

/** A real directory that plays the root of a copy, on a machine where other files must stay as they are. */
export class RealTree {
  readonly root = realpathSync(mkdtempSync(path.join(tmpdir(), 'landfall-tree-')));
  constructor(files: Readonly<Record<string, string>> = {}) {
    onTestFinished(() => rmSync(this.root, { recursive: true, force: true }));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }
  at(name: string): string {
    return path.join(this.root, name);
  }
  write(name: string, text: string | Uint8Array): void {
    mkdirSync(path.dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), text);
  }
  read(): Tree {
    const [program, ...args] = treeCommand(this.root);
    return decodeTree(execFileSync(program, args, { encoding: 'utf8' }), 'here', []);
  }
  /** Runs the edits with the very commands that a receiver would get. */
  perform(fixups: readonly Fixup[]): void {
    for (const action of fixupActions('here', this.root, fixups)) {
      const [program = '', ...args] = action.argv.map(String);
      const input = typeof action.stdin === 'string' ? action.stdin : '';
      execFileSync(program, args, { input, stdio: ['pipe', 'pipe', 'pipe'] });
    }
  }
}
