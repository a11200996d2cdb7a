import type { RsyncFacts } from '../journal/facts.ts';

/**
 * `rsync --version` of 3.0 to 3.5. Before 3.2.0 there are no lists of checksums and compressors: those versions have
 * MD5, MD4 and zlib and nothing else. Undefined where the text is not rsync's.
 */
export function parseRsyncVersion(text: string): RsyncFacts | undefined {
  const head = /^rsync\s+version\s+v?(\d+(?:\.\d+)+\S*)\s+protocol version\s+(\d+)/m.exec(text);
  const [, version, protocol] = head ?? [];
  if (version === undefined || protocol === undefined) return undefined;
  const has = (capability: string): boolean =>
    new RegExp(`(?<!no )\\b${capability}\\b`).test(capabilities(text));
  return {
    version,
    protocol: Number(protocol),
    nanoseconds: isAtLeast(version, [3, 1, 3]),
    acls: has('ACLs'),
    xattrs: has('xattrs'),
    compress: list(text, 'Compress list') ?? ['zlib'],
    checksums: list(text, 'Checksum list') ?? ['md5', 'md4'],
  };
}

/** The lines from `Capabilities:` to the next heading, folded into one with single spaces. */
function capabilities(text: string): string {
  const block = /^Capabilities:\s*\n((?:[ \t]+.*\n?)+)/m.exec(text)?.[1] ?? '';
  return block.replace(/\s+/g, ' ');
}

function list(text: string, heading: string): string[] | undefined {
  const block = new RegExp(`^${heading}:\\s*\\n((?:[ \\t]+.*\\n?)+)`, 'm').exec(text)?.[1];
  return block
    ?.replace(/\([^)]*\)/g, ' ')
    .trim()
    .split(/\s+/)
    .map(name => name.toLowerCase());
}

function isAtLeast(version: string, wanted: readonly number[]): boolean {
  const parts = version.split('.').map(part => Number.parseInt(part, 10));
  for (const [index, least] of wanted.entries()) {
    const have = parts[index] ?? 0;
    if (have !== least) return have > least;
  }
  return true;
}
