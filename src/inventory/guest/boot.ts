import { harmless } from '../../foundation/text.ts';
import type { BootFacts } from '../../journal/facts.ts';
import { bootPaths, kernelsOf, loaderOf, parseBuiltin, parseInitramfs } from '../../tools/boot-files.ts';
import { answered, type Sections } from './sections.ts';

/** What starts the machine; undefined where its boot directory could not be looked at. */
export function readBoot(sections: Sections, bootMode: 'bios' | 'uefi'): BootFacts | undefined {
  const files = answered(sections, 'boot-files');
  if (files === undefined) return undefined;
  const paths = bootPaths(files);
  const listings = new Map<string, Set<string>>();
  for (const [name, { text }] of sections) {
    const [image] = name.startsWith('initramfs:') ? bootPaths(name.slice('initramfs:'.length)) : [];
    const drivers = image === undefined ? undefined : parseInitramfs(text);
    if (image !== undefined && drivers !== undefined) listings.set(image, drivers);
  }
  return {
    loader: loaderOf(bootMode, paths, bootSectors(sections)),
    cmdline: keptCmdline(answered(sections, 'cmdline') ?? ''),
    kernels: kernelsOf(paths, parseBuiltin(answered(sections, 'modules-builtin') ?? ''), listings),
    tools: (answered(sections, 'boot-tools') ?? '').split('\n').filter(tool => /^[a-z0-9-]+$/.test(tool)),
  };
}

/** Undefined where not one sector could be read: it needs root. */
function bootSectors(sections: Sections): string[] | undefined {
  const read = [...sections].flatMap(([name, { rc, text }]) =>
    name.startsWith('boot-sector:') && rc === 0 && text !== '' ? [text] : [],
  );
  return read.length === 0 ? undefined : read;
}

/** What may be kept of a kernel's command line: a kernel is sometimes told a password of a console or a network disk. */
export const keptCmdline = (cmdline: string): string =>
  harmless(cmdline.trim()).replace(/([\w.-]*(?:passw|secret|token)[\w.-]*)=\S+/gi, '$1=withheld');
