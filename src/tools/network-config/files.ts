import { harmless } from '../../foundation/text.ts';
import type { NetworkConfigFacts } from '../../journal/facts.ts';
import { parseIfcfg } from './ifcfg.ts';
import { parseIfupdown } from './ifupdown.ts';
import { parseKeyfile, parseNetworkd } from './keyfiles.ts';
import { parseNetplan } from './netplan.ts';
import type { NetworkConfig } from './shape.ts';

type Manager = NetworkConfigFacts['manager'];
type Reader = (text: string, file: string) => readonly NetworkConfig[];

const one =
  (read: (text: string, file: string) => NetworkConfig | undefined): Reader =>
  (text, file) => {
    const config = read(text, file);
    return config === undefined ? [] : [config];
  };

const PLACES: ReadonlyArray<readonly [RegExp, Manager, Reader]> = [
  [/^\/etc\/network\/interfaces(?:$|\.d\/)/, 'ifupdown', parseIfupdown],
  [/^\/(?:etc|lib|run)\/netplan\/[^/]+\.yaml$/, 'netplan', parseNetplan],
  [/^\/(?:etc|run)\/NetworkManager\/system-connections\//, 'networkmanager', one(parseKeyfile)],
  [/^\/etc\/systemd\/network\/[^/]+\.network$/, 'networkd', one(parseNetworkd)],
  [/^\/etc\/sysconfig\/network-scripts\/ifcfg-/, 'ifcfg', one(parseIfcfg)],
  [/^\/etc\/sysconfig\/network\/ifcfg-/, 'wicked', one(parseIfcfg)],
];

/** What one file says about interfaces, by where it lies; a file that no manager reads says nothing. */
export function readNetworkFile(file: string, text: string): NetworkConfigFacts[] {
  // Copies that editors and package tools leave behind are read by nobody.
  if (/(?:~|\.(?:bak|orig|old|rpmsave|rpmnew|dpkg-\w+))$/.test(file)) return [];
  const place = PLACES.find(([pattern]) => pattern.test(file));
  if (place === undefined) return [];
  const [, manager, read] = place;
  return read(text, file).map(config => ({ manager, file: harmless(file), ...config }));
}

/** The collector's answer: each file behind a line `@@ PATH`. */
export function readNetworkFiles(text: string): NetworkConfigFacts[] {
  const files = text.split(/^@@ /m).slice(1);
  const read = files.map(part => {
    const end = part.indexOf('\n');
    return end < 0 ? { file: part, body: '' } : { file: part.slice(0, end), body: part.slice(end + 1) };
  });
  const gateway = wickedGateway(read.find(({ file }) => file === WICKED_ROUTES)?.body ?? '');
  return read
    .flatMap(({ file, body }) => readNetworkFile(file, body))
    .map(config =>
      config.manager === 'wicked' && config.addresses.length > 0 && gateway !== undefined
        ? { ...config, gateway }
        : config,
    );
}

const WICKED_ROUTES = '/etc/sysconfig/network/routes';

const wickedGateway = (routes: string): string | undefined =>
  /^\s*default\s+([0-9a-fA-F.:]+)/m.exec(routes)?.[1];
