import type { Name, TreeBuilder } from './tree-builder.ts';

/** Names and shapes that break careless tools. Nothing here is unusual on a server that has lived for some years. */

const under = (directory: string, name: Name): Buffer =>
  Buffer.concat([Buffer.from(`${directory}/`), Buffer.isBuffer(name) ? name : Buffer.from(name)]);

export const ODD_NAMES: readonly Name[] = [
  'plain name with spaces',
  ' leading and trailing ',
  'it\'s a "quoted" name',
  '`id` $(id) ${HOME} $HOME',
  'semi;colon & pipe | redirect > < !',
  'new\nline',
  'carriage\rreturn',
  'tab\there',
  'escape \u001b[2J\u001b]0;title\u0007 sequence',
  'bell \u0007 and backspace \b',
  '-rf',
  '--delete',
  '*',
  '?[a-z]{x,y}',
  'back\\slash and \\#012 rsync escape',
  'ünïcödé – 日本語 🌀',
  'e\u0301 combining and \u00e9 composed',
  'right\u202eto\u202cleft',
  'zero\u200bwidth',
  Buffer.from([0x6c, 0x61, 0x74, 0x69, 0x6e, 0x31, 0x20, 0xe4, 0xf6, 0xfc]),
  Buffer.from([0xff, 0xfe, 0x80, 0x81, 0x88, 0xc0, 0xaf]),
  `${'n'.repeat(250)}.txt`,
  '.hidden',
  '...',
  '.~tmp~',
  '.rsync-partial-notes',
  '.file.dat.Xy12Zz',
  '#autosave#',
  'percent %i|%l|%b|%n %%',
  'colon:name',
  'host:path',
];

/** Adds `directory` with every odd name as a file, some as directories and links, and odd shapes beside them. */
export function addOddNames(tree: TreeBuilder, directory: string): void {
  tree.dir(directory);
  for (const [index, name] of ODD_NAMES.entries()) tree.file(under(directory, name), 100 + index * 7);

  const inner = `${directory}/directories`;
  tree.dir(inner);
  for (const name of ODD_NAMES.slice(0, 22)) {
    tree.dir(under(inner, name));
    tree.file(Buffer.concat([under(inner, name), Buffer.from('/in side')]), 10);
  }

  const links = `${directory}/links`;
  tree.dir(links);
  tree.symlink(`${links}/dangling`, 'nowhere/at all');
  tree.symlink(`${links}/absolute`, '/etc/hostname');
  tree.symlink(`${links}/loop-a`, 'loop-b');
  tree.symlink(`${links}/loop-b`, 'loop-a');
  tree.symlink(`${links}/self`, '.');
  tree.symlink(`${links}/new\nline`, 'target with\nnewline');
  tree.symlink(under(links, Buffer.from([0x6c, 0xff])), Buffer.from([0xe4, 0xf6]));
  tree.file(`${links}/one`, 5000);
  tree.hardlink(`${links}/two`, `${links}/one`);
  tree.hardlink(`${directory}/three of one`, `${links}/one`);
  tree.symlink(`${links}/symlink-one`, 'one');
  tree.hardlink(`${links}/symlink-two`, `${links}/symlink-one`);

  const shapes = `${directory}/shapes`;
  tree.dir(shapes);
  tree.dir(`${shapes}/empty`);
  tree.dir(`${shapes}/sticky`, { mode: 0o1777 });
  tree.dir(`${shapes}/setgid`, { mode: 0o2750 });
  tree.dir(`${shapes}/closed`, { mode: 0o700 });
  tree.file(`${shapes}/closed/read only`, 64, { mode: 0o400 });
  tree.file(`${shapes}/no bits but the owner's`, 64, { mode: 0o600 });
  tree.file(`${shapes}/setuid`, 64, { mode: 0o4711 });
  tree.file(`${shapes}/empty file`, '');
  tree.sparse(`${shapes}/sparse`, 8 * 1024 * 1024, [
    [4096, 4096],
    [5 * 1024 * 1024, 65_536],
  ]);
  tree.sparse(`${shapes}/all hole`, 1024 * 1024, []);
  tree.fifo(`${shapes}/pipe`);
  tree.file(`${shapes}/attributed`, 300);
  tree.xattr(`${shapes}/attributed`, 'user.comment', 'kept by rsync -X');
  tree.xattr(shapes, 'user.directory', 'too');

  let deep = `${directory}/deep`;
  tree.dir(deep);
  for (let level = 0; level < 24; level += 1) {
    deep += `/level-${level}`;
    tree.dir(deep);
  }
  tree.file(`${deep}/bottom`, 33);
}
