import { posix } from 'node:path';
import type { Draft } from '../draft.ts';
import { caution, type Finding, fault } from '../finding.ts';

/** Without these, or anything above them, the copy neither boots nor knows who it is. */
const VITAL = [
  '/etc',
  '/usr',
  '/usr/bin',
  '/usr/sbin',
  '/usr/lib',
  '/usr/lib64',
  '/usr/libexec',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/boot',
  '/var',
  '/var/lib',
];
/** Made anew at every boot; they never travel. */
const VOLATILE = ['/dev', '/proc', '/sys', '/run'];

/** What is left out must be spared. */
export function lintExcludes(draft: Draft): Finding[] {
  return [...draft.machines.entries].flatMap(([name, machine]) =>
    machine.exclude.flatMap((written, index) => {
      const path = ['machines', name, 'exclude', index];
      const finding = judge(written);
      return finding === undefined ? [] : [finding(path)];
    }),
  );
}

function judge(written: string): ((path: (string | number)[]) => Finding) | undefined {
  if (/[\u0000-\u001F\u007F]/.test(written)) {
    return path =>
      fault(path, 'a path with a line break or control character cannot be excluded', { value: written });
  }
  const folder = posix.normalize(written.replace(/(?:\/\*+)+$/, '/'));
  const plain = folder === '/' ? folder : folder.replace(/\/$/, '');
  if (plain === '/') {
    return path =>
      fault(path, 'this leaves out the whole machine', { value: written, suggestion: 'remove it' });
  }
  const lost = VITAL.find(vital => asPattern(plain).test(vital));
  if (lost !== undefined) {
    return path =>
      fault(path, `the copy cannot live without ${lost}`, {
        value: written,
        suggestion: 'exclude the folder below it that is large and can be spared',
      });
  }
  if (VOLATILE.some(top => plain === top || plain.startsWith(`${top}/`))) {
    return path =>
      caution(path, `${plain} never travels anyway`, { value: written, suggestion: 'remove it' });
  }
  if (written.split('/').includes('..')) {
    return path =>
      fault(path, '".." does not work in an exclude', { value: written, suggestion: `write ${plain}` });
  }
  return undefined;
}

/** A path with the wildcards of rsync as a regular expression. */
function asPattern(path: string): RegExp {
  const source = path.replaceAll(/\*\*|[*?]|[^*?]+/g, part => {
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : part.replaceAll(/[\\^$.|+(){}[\]]/g, '\\$&');
  });
  return new RegExp(`^${source}$`);
}
