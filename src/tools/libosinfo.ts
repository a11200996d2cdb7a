import { parseXml } from './libvirt-xml.ts';

/** `http://debian.org/debian/12`: whose it is says less than what it is called. */
const SYSTEM = /^https?:\/\/[\w.-]+((?:\/[\w.+-]+){1,3})\/?$/;
/** Longer than any name that libosinfo gives. */
const LONGEST = 80;

/**
 * The operating system that whoever made the domain told libvirt: `debian 12`. It is as old as the domain and anybody may
 * have written it; what has another shape than libosinfo's own names is left out. Undefined where nothing is said.
 */
export function systemInMetadata(xml: string): string | undefined {
  const metadata = parseXml(xml)?.child('domain', 'metadata');
  const [info = ''] = metadata?.names.filter(name => /^(?:.+:)?libosinfo$/.test(name)) ?? [];
  const id = metadata?.child(info, `${info.slice(0, -'libosinfo'.length)}os`).attribute('id') ?? '';
  const path = id.length > LONGEST ? undefined : SYSTEM.exec(id)?.[1];
  return path === undefined || path === '/unknown' ? undefined : path.slice(1).replaceAll('/', ' ');
}
