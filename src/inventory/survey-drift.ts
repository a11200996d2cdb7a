import { harmless } from '../foundation/text.ts';
import { counted } from '../foundation/units.ts';
import type {
  CertificateFacts,
  ContainerFacts,
  DataServiceFacts,
  FirewallFacts,
  IdentityFacts,
  PackageFacts,
  RouteFacts,
  ScheduleFacts,
  ShareFacts,
  SurveyFacts,
  SurveyGap,
  UpstreamFacts,
} from '../journal/facts-survey.ts';
import { appeared, compare, turned } from './differences.ts';

/**
 * What changed around one machine between two surveys, as harmless sentences. What moves by itself is no change: load,
 * queues, sizes, renewed certificates, jobs of `at`, the pods of a cluster, addresses that a firewall bars for an hour.
 * A group that one of the two did not learn, or not to its end, is not compared; nor is anything where the two asked with
 * different rights, because what another login sees is no change.
 */
export function surveyDrift(before: SurveyFacts, after: SurveyFacts): string[] {
  if (before.root !== after.root)
    return after.root ? [] : ['it is not asked as root any more: less of what is around it can be seen'];
  const both = <T>(
    gaps: RegExp,
    group: (survey: SurveyFacts) => T | undefined,
    say: (was: T, is: T) => string[],
  ): string[] => {
    const [was, is] = [group(before), group(after)];
    return was === undefined || is === undefined || !isSure(before, after, gaps) ? [] : say(was, is);
  };
  const contained = [...(before.containers ?? []), ...(after.containers ?? [])].some(hasOwnNetwork);
  return [
    ...both(/packages/, each => each.packages, packages),
    ...both(/file systems of other|fstab/, each => each.shares, shares),
    ...both(/hold data|databases/, each => each.dataServices, dataServices),
    ...both(/containers|pods|snaps/, each => each.containers, containers),
    ...both(/cron|timers|by the clock|schedules/, each => each.schedules, schedules),
    ...both(/configured|configuration/, each => each.upstreams, upstreams),
    ...both(
      /hosts/,
      each => each.staticNames?.map(({ address, names }) => `${address} (${names.join(', ')})`),
      (was, is) => appeared('in /etc/hosts the line', was, is),
    ),
    ...both(/routes|network/, each => each.routes, routes),
    ...both(
      /firewall|packet filters|rules of/,
      each => each.firewall,
      (was, is) => firewall(was, is, contained),
    ),
    ...both(/certificate/, each => each.certificates, certificates),
    ...both(/bound to this machine|member|joined|licen[cs]e/, each => each.identity, identity),
    ...both(
      /mail/,
      each => each.mail?.map(({ agent, relay }) => mailWords(agent, relay)),
      (was, is) => appeared('the mail agent', was, is),
    ),
    ...both(
      /clock|time zone/,
      each => each.time,
      (was, is) => [
        ...turned('the time zone', was.zone, is.zone),
        ...turned('what keeps the clock right', was.service, is.service),
      ],
    ),
  ].map(harmless);
}

/** A question that ran out of time, was cut short or refused may have left anything out; one that lacks a right, always the same. */
function isSure(before: SurveyFacts, after: SurveyFacts, group: RegExp): boolean {
  const touching = ({ gaps }: SurveyFacts): SurveyGap[] =>
    gaps.filter(({ what }) => group.test(what) || what === 'the end of the survey');
  const [was, is] = [touching(before), touching(after)];
  const steady = (all: readonly SurveyGap[]): string | undefined =>
    all.every(({ why }) => why === 'needs-root' || why === 'no-tool')
      ? all
          .map(({ what, why }) => `${what} ${why}`)
          .toSorted()
          .join('\n')
      : undefined;
  const words = steady(was);
  return words !== undefined && words === steady(is);
}

const mailWords = (agent: string, relay: string | undefined): string =>
  relay === undefined ? agent : `${agent} (by way of ${relay})`;

/** Several of one key are one for this comparison. */
const listed = <T>(
  what: string,
  was: readonly T[],
  is: readonly T[],
  key: (item: T) => string,
  words: (item: T) => string = key,
): string[] => {
  const { added, removed } = compare(was, is, key);
  return [
    ...added.map(each => `${what} ${words(each)} is new`),
    ...removed.map(each => `${what} ${words(each)} is gone`),
  ];
};

function packages(was: PackageFacts, is: PackageFacts): string[] {
  const held = appeared('the hold on the package', was.held ?? [], is.held ?? []);
  if (was.manager !== is.manager)
    return [...turned('what manages packages', was.manager, is.manager), ...held];
  if (was.digest === is.digest) return held;
  return [
    was.count === is.count
      ? `packages were updated or exchanged (${counted(is.count, 'package')} as before)`
      : `packages were installed or removed: there were ${was.count}, and there are ${is.count}`,
    ...held,
  ];
}

function shares(was: readonly ShareFacts[], is: readonly ShareFacts[]): string[] {
  const key = ({ server, path, mountpoint }: ShareFacts): string => `${server}:${path} at ${mountpoint}`;
  const { kept } = compare(was, is, key);
  return [
    ...listed('the share', was, is, key),
    ...kept.flatMap(([before, after]) => [
      ...turned(`the kind of the share ${key(after)}`, before.type, after.type),
      ...turned(`the address behind the share ${key(after)}`, before.address, after.address),
    ]),
  ];
}

/** The port a program took at random and the sizes are left out; a service without a directory is known by its ports. */
function dataServices(was: readonly DataServiceFacts[], is: readonly DataServiceFacts[]): string[] {
  const key = ({ engine, directories, ports }: DataServiceFacts): string =>
    directories.length > 0
      ? `${engine} in ${directories.toSorted().join(', ')}`
      : `${engine} at ${counted(ports.length, 'port')} ${ports.join(', ')}`.trim();
  const { kept } = compare(was, is, key);
  return [
    ...listed('the service with data', was, is, key),
    ...kept.flatMap(([before, after]) => [
      ...turned(`the version of ${key(after)}`, before.version, after.version),
      ...turned(
        `what ${key(after)} says of copies of its own`,
        before.replication ?? '',
        after.replication ?? '',
      ),
    ]),
  ];
}

const ofCluster = ({ engine }: ContainerFacts): boolean => engine === 'kubernetes' || engine === 'containerd';
const hasOwnNetwork = ({ engine }: ContainerFacts): boolean => engine !== 'snap';

/** A cluster names its pods anew whenever it likes: of those only the images count. Whether one runs now moves by itself. */
function containers(was: readonly ContainerFacts[], is: readonly ContainerFacts[]): string[] {
  const named = (all: readonly ContainerFacts[]): ContainerFacts[] => all.filter(each => !ofCluster(each));
  const images = (all: readonly ContainerFacts[]): string[] =>
    all.filter(ofCluster).map(({ engine, image }) => `${image} of ${engine}`);
  const key = ({ engine, name }: ContainerFacts): string => `${name} of ${engine}`;
  const { kept } = compare(named(was), named(is), key);
  return [
    ...listed('the container', named(was), named(is), key, each => `${key(each)} (${each.image})`),
    ...kept.flatMap(([before, after]) => [
      ...turned(`the image of the container ${key(after)}`, before.image, after.image),
      ...appeared(`of the container ${key(after)} the place`, before.volumes, after.volumes),
      ...appeared(`of the container ${key(after)} the port`, before.ports, after.ports),
    ]),
    ...appeared('the image', images(was), images(is)),
  ];
}

function schedules(was: readonly ScheduleFacts[], is: readonly ScheduleFacts[]): string[] {
  const lasting = (all: readonly ScheduleFacts[]): ScheduleFacts[] => all.filter(({ kind }) => kind !== 'at');
  const words = ({ where, when, what, user }: ScheduleFacts): string =>
    `${what} (${when}${user === undefined ? '' : `, as ${user}`}, in ${where})`;
  return listed('the job', lasting(was), lasting(is), words);
}

function upstreams(was: readonly UpstreamFacts[], is: readonly UpstreamFacts[]): string[] {
  const key = ({ role, host, port, where }: UpstreamFacts): string =>
    `${host}${port === undefined ? '' : ` port ${port}`} (${role}, in ${where})`;
  return listed('the server that it is configured to use', was, is, key);
}

/** Devices that engines of containers and virtual machines make and take away. */
const PASSING_DEVICE =
  /^(?:docker|br-[0-9a-f]{12}$|veth|cali|cni|flannel|podman|lxcbr|lxdbr|incusbr|virbr|vnet|tap)/;

function routes(was: readonly RouteFacts[], is: readonly RouteFacts[]): string[] {
  const lasting = (all: readonly RouteFacts[]): string[] =>
    all
      .filter(({ device }) => device === undefined || !PASSING_DEVICE.test(device))
      .map(({ to, via, device }) =>
        [
          `to ${to}`,
          ...(via === undefined ? [] : [`via ${via}`]),
          ...(device === undefined ? [] : [device]),
        ].join(' '),
      );
  return appeared('the route', lasting(was), lasting(is));
}

/** Single addresses are barred and let in again by programs, and engines of containers write rules as they start them. */
function firewall(was: FirewallFacts, is: FirewallFacts, contained: boolean): string[] {
  if (was.kind !== is.kind) return turned('the firewall', was.kind, is.kind);
  if ((was.rules === 0) !== (is.rules === 0))
    return [is.rules === 0 ? 'the firewall has no rule any more' : `the firewall has rules now: ${is.rules}`];
  if (contained) return [];
  const networks = (all: readonly string[]): string[] =>
    all.filter(address => address.includes('/') && !/\/(?:32|128)$/.test(address));
  const single = (all: readonly string[]): string =>
    all
      .filter(address => !networks([address]).includes(address))
      .toSorted()
      .join(' ');
  const named = appeared(
    'in the rules of the firewall the network',
    networks(was.addresses),
    networks(is.addresses),
  );
  const isOnlyCounted = named.length === 0 && single(was.addresses) === single(is.addresses);
  return isOnlyCounted ? turned('the number of rules of the firewall', `${was.rules}`, `${is.rules}`) : named;
}

/** One that only lasts longer was renewed, which is as it should be. */
function certificates(was: readonly CertificateFacts[], is: readonly CertificateFacts[]): string[] {
  const { kept } = compare(was, is, ({ path }) => path);
  return [
    ...listed(
      'the certificate',
      was,
      is,
      ({ path }) => path,
      ({ path, subject }) => `${path} (${subject})`,
    ),
    ...kept.flatMap(([before, after]) => [
      ...turned(`the subject of the certificate ${after.path}`, before.subject, after.subject),
      ...turned(`the issuer of the certificate ${after.path}`, before.issuer, after.issuer),
      ...appeared(`in the certificate ${after.path} the name`, before.names, after.names),
      ...(after.notAfter < before.notAfter ? [`the certificate ${after.path} ends earlier than before`] : []),
    ]),
  ];
}

function identity(was: readonly IdentityFacts[], is: readonly IdentityFacts[]): string[] {
  const key = ({ kind, where }: IdentityFacts): string => `${kind} (${where})`;
  const { kept } = compare(was, is, key);
  return [
    ...listed('what is bound to this very machine:', was, is, key),
    ...kept.flatMap(([before, after]) =>
      turned(`of ${key(after)} what it says`, before.detail, after.detail),
    ),
  ];
}
