import { type AddressBook, isOfTheInternet } from './address-book.ts';
import { at, type Need } from './needs.ts';
import type { Dependency, DependencyFinding, Endpoint, Via } from './shape.ts';

/** Sentences that are kept of one thing: those that came first say enough. */
const EVIDENCE_KEPT = 8;

/** What one machine or database depends on, and what of that has to be settled. */
export interface Told {
  readonly edges: readonly Dependency[];
  readonly findings: readonly DependencyFinding[];
}

interface Seen {
  readonly evidence: string;
  readonly seenAt: number;
}

type FindingParts = Omit<DependencyFinding, 'evidence' | 'seenAt' | 'subject'>;

/** Puts together what was seen of one subject: an edge for each end, way and port; a finding for each thing to settle. */
export class Collected {
  readonly #subject: string;
  readonly #book: AddressBook;
  readonly #edges = new Map<string, Dependency>();
  readonly #findings = new Map<string, DependencyFinding>();

  constructor(subject: string, book: AddressBook) {
    this.#subject = subject;
    this.#book = book;
  }

  /** What the plan says that it waits for; a name that the plan does not have is told by the plan's own check. */
  planned(other: string): void {
    const to = this.#book.planned(other);
    if (to !== undefined)
      this.#edge(to, 'plan', undefined, { evidence: 'the plan says so (after)', seenAt: 0 });
  }

  need({ host, also, port, via, evidence, seenAt, silent }: Need): void {
    const seen = { evidence, seenAt };
    for (const to of this.#book.resolve(this.#subject, host, port, also)) {
      this.#edge(to, via, port, seen);
      this.#settle(to, port, seen);
      if (silent === true && to.kind !== 'unknown') this.#silent(to, host, port, seen);
    }
  }

  /** An address that a file has: beside what else is known of it, or by itself where that place will be gone. */
  written(address: string, more: Seen & { readonly via: Via }): void {
    const book = this.#book;
    if (book.isOwn(this.#subject, address)) {
      // Its own name for itself, in its own files.
      if (book.staysWith(this.#subject, address) === false) this.#moves(this.#subject, address, more);
      return;
    }
    const known = [...this.#findings.values()].filter(({ check }) => isAbout(check, address));
    for (const to of book.resolve(this.#subject, address, undefined)) {
      if (to.kind === 'unknown' && !to.atSource && known.length === 0) continue;
      this.#edge(to, more.via, undefined, more);
      if (to.kind === 'machine' && book.staysWith(to.name, address) === false)
        this.#moves(to.name, address, more);
      else if (known.length > 0) for (const finding of known) this.#finding(finding, more);
      else this.#settle(to, undefined, more);
    }
  }

  byHand(mountpoint: string, source: string, seenAt: number): void {
    this.#finding(
      {
        check: `mount-${slug(mountpoint)}`,
        kind: 'unknown',
        what: `${mountpoint} is mounted from ${source} and written down nowhere`,
        why: 'whoever mounted it by hand must do it again after the first boot at the target',
        next: [
          `add the line of ${mountpoint} to /etc/fstab of ${this.#subject}, or unmount it where nobody needs it`,
          'take the inventory again: landfall inventory <the plan file>',
        ],
      },
      {
        evidence: `${mountpoint} is mounted, and neither fstab nor a unit nor a map of autofs has it`,
        seenAt,
      },
    );
  }

  /** Somebody who uses it: of concern only where that machine stands at the source site and stays there. */
  client(address: string, port: number, seen: Seen): void {
    const [who] = this.#book.resolve(this.#subject, address, undefined);
    if (who?.kind === 'machine') this.#used(who.name, port, seen);
    if (who?.kind !== 'unknown' || !who.atSource) return;
    this.#finding(
      {
        check: `client-${place(address, port)}`,
        kind: 'unknown',
        what: `${address} at the source site uses port ${port} and is no machine of the plan`,
        why: 'either it has to leave, too, or somebody will miss what it does',
        next: [
          `find out what ${address} is, and add it to machines, or name it below external`,
          `or accept it: landfall waive <the plan file> machine/${this.#subject}/client-${place(address, port)}`,
        ],
      },
      seen,
    );
  }

  told(): Told {
    return { edges: [...this.#edges.values()], findings: [...this.#findings.values()] };
  }

  edge(to: Endpoint, via: Via, seen: Seen): void {
    this.#edge(to, via, undefined, seen);
  }

  /** Something that lies beside the subject and that nobody moves. */
  stranded(parts: FindingParts, seen: Seen): void {
    this.#finding(parts, seen);
  }

  /** A machine of the plan that uses it, as seen from here: nobody may have been able to look from there. */
  #used(by: string, port: number, seen: Seen): void {
    const to = this.#book.planned(this.#subject);
    if (to === undefined) return;
    const key = `from ${by} ${port}`;
    const known = this.#edges.get(key);
    const base = known ?? { from: by, to, via: 'socket', port, evidence: [] };
    this.#edges.set(key, { ...base, ...withSeen(known, seen) });
  }

  #settle(to: Endpoint, port: number | undefined, seen: Seen): void {
    if (to.kind === 'external') {
      const external = this.#book.external(to.name);
      if (external?.afterLoss === 'lost') this.#lost(to.name, seen);
    } else if (to.kind === 'unknown') this.#unknown(to.address, port, to.atSource, seen);
  }

  #lost(external: string, seen: Seen): void {
    this.#finding(
      {
        check: `depends-${external}`,
        kind: 'lost',
        what: `it needs ${external}, which is lost with the source site`,
        why: `the plan says so: external.${external}.after_loss is lost`,
        next: [
          `find what can take its place at the target, and write external.${external}.after_loss: replaced with replaced_by`,
          `or accept the loss: landfall waive <the plan file> machine/${this.#subject}/depends-${external}`,
        ],
      },
      seen,
    );
  }

  #unknown(address: string, port: number | undefined, atSource: boolean, seen: Seen): void {
    const isPublic = isOfTheInternet(address) && port !== undefined;
    // Places of the Internet change their addresses by the hour; the service is what can be decided about.
    const check = isPublic ? `depends-internet-${port}` : `depends-${place(address, port)}`;
    const what = isPublic ? `port ${port} of places in the Internet` : at(address, port);
    this.#finding(
      {
        check,
        kind: atSource ? 'soon-dead' : 'unknown',
        what: atSource
          ? `it needs ${what} at the source site, which is not in the plan`
          : `it needs ${what}, and the plan does not say who that is`,
        why: atSource
          ? 'that address is gone with the source site, and nothing of the plan takes its place'
          : 'nobody has said whether it can be reached from the target',
        next: [
          ...(isPublic ? [] : [`evacuate it, too: add it below machines or databases`]),
          isPublic
            ? `say that the target may reach it: external with at: [0.0.0.0/0] and ports: [${port}]`
            : `or say what becomes of it: external.<name>.at: [${address}] with after_loss`,
          `or accept it: landfall waive <the plan file> machine/${this.#subject}/${check}`,
        ],
      },
      seen,
    );
  }

  #moves(whose: string, address: string, seen: Seen): void {
    const owner = whose === this.#subject ? 'its own address' : `the address of ${whose}`;
    this.#finding(
      {
        check: `address-${slug(address)}`,
        kind: 'soon-dead',
        what: `${owner} at the source, ${address}, stands in its files`,
        why: `at the target ${whose} has another address, and these lines lead to nobody`,
        next: [
          `write a name instead of ${address} in those files, or put the change among the fix-ups by hand (cutover.by_hand)`,
          'take the inventory again: landfall inventory <the plan file>',
        ],
      },
      seen,
    );
  }

  #silent(to: Endpoint, host: string, port: number | undefined, seen: Seen): void {
    const name = to.kind === 'unknown' ? to.address : to.name;
    this.#finding(
      {
        check: `silent-${place(host, port)}`,
        kind: 'unknown',
        what: `${at(host, port)} (${name}) does not answer it today`,
        why: 'what is broken before the move cannot be told from what the move broke',
        next: [
          `see why ${at(host, port)} does not answer, or take it out of the configuration of ${this.#subject}`,
        ],
      },
      seen,
    );
  }

  #edge(to: Endpoint, via: Via, port: number | undefined, seen: Seen): void {
    const key = `${to.kind} ${to.kind === 'unknown' ? to.address : to.name} ${via} ${port ?? ''}`;
    const known = this.#edges.get(key);
    const base = known ?? {
      from: this.#subject,
      to,
      via,
      ...(port === undefined ? {} : { port }),
      evidence: [],
    };
    this.#edges.set(key, { ...base, ...withSeen(known, seen) });
  }

  #finding(parts: FindingParts, seen: Seen): void {
    const known = this.#findings.get(parts.check);
    this.#findings.set(parts.check, {
      ...(known ?? { ...parts, subject: this.#subject }),
      ...withSeen(known, seen),
    });
  }
}

function withSeen(
  known: { readonly evidence: readonly string[]; readonly seenAt: number } | undefined,
  { evidence, seenAt }: Seen,
): { readonly evidence: readonly string[]; readonly seenAt: number } {
  const before = known?.evidence ?? [];
  const isNewest = known === undefined || seenAt > known.seenAt;
  const all = before.includes(evidence) ? before : isNewest ? [evidence, ...before] : [...before, evidence];
  return { evidence: all.slice(0, EVIDENCE_KEPT), seenAt: Math.max(seenAt, known?.seenAt ?? 0) };
}

/** Names of checks are words of an id: no slash, no blank. */
const slug = (text: string): string =>
  text.replace(/[^A-Za-z0-9_.:-]+/g, '-').replace(/^-+|-+$/g, '') || 'root';

const place = (address: string, port: number | undefined): string =>
  port === undefined ? slug(address) : `${slug(address)}-${port}`;

const isAbout = (check: string, address: string): boolean =>
  check === `depends-${slug(address)}` || check.startsWith(`depends-${slug(address)}-`);
