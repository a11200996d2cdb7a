import PQueue from 'p-queue';
import { asLandfallError, type LandfallError } from '../../foundation/errors.ts';
import type { Host } from '../../remote/host.ts';
import { formatArgv } from '../../remote/quote.ts';
import { interfaceAddresses } from '../../tools/libvirt-network.ts';
import { askVirsh, nameLines, needVirsh, unreadable, virshRead } from '../../tools/virsh.ts';

/** The machine-id of a host, lower case; `remote.answer-unreadable` where the file holds something else. */
export async function machineIdOf(host: Host, signal: AbortSignal): Promise<string> {
  const { stdout } = await host.exec(['cat', '/etc/machine-id'], { signal });
  const text = stdout.toString('utf8').trim();
  if (!/^[0-9a-f]{32}$/i.test(text)) throw unreadable(host.id, 'cat /etc/machine-id', text);
  return text.toLowerCase();
}

export interface AskingOptions {
  readonly uri: string;
  readonly signal: AbortSignal;
  /** Questions that are open at the same time; sshd allows ten channels on a connection by default. */
  readonly atOnce: number;
  /** Told of what could not be learned; what it throws ends the walk. */
  readonly onTrouble: (subject: string, error: LandfallError) => void;
}

/** A walk over a hypervisor, all of it reading: a question that fails becomes a trouble, and the walk goes on. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #queue: PQueue;

  constructor(options: AskingOptions) {
    this.#options = options;
    this.#queue = new PQueue({ concurrency: options.atOnce });
  }

  /** The answer, or undefined and a trouble. Rejects only with `cancelled`, bugs, and what `onTrouble` throws. */
  async at<T>(subject: string, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (thrown) {
      const error = asLandfallError(thrown);
      if (error.family === 'cancelled' || error.family === 'bug') throw error;
      this.#options.onTrouble(subject, error);
      return undefined;
    }
  }

  ask(host: Host, ...verb: string[]): Promise<string> {
    return needVirsh(host, virshRead(this.#options.uri, ...verb), { signal: this.#options.signal });
  }

  async names(host: Host, subject: string, ...verb: string[]): Promise<string[]> {
    return nameLines((await this.at(subject, () => this.ask(host, ...verb))) ?? '');
  }

  /** Several questions at a time; answers in the order of the names, without those that failed. */
  async each<T, N = string>(
    names: readonly N[],
    question: (name: N) => Promise<T | undefined>,
  ): Promise<T[]> {
    const answers = await Promise.all(names.map(name => this.#queue.add(() => question(name))));
    return answers.filter(answer => answer !== undefined);
  }

  /** What a parser made of an answer; where it did not understand, `remote.answer-unreadable`. */
  understood<T>(host: Host, value: T | undefined, verb: readonly string[], text: string): T {
    if (value === undefined)
      throw unreadable(host.id, formatArgv(virshRead(this.#options.uri, ...verb)), text);
    return value;
  }

  /**
   * What libvirt knows of a running guest's addresses: leases, otherwise what the host overheard. A help, never needed:
   * where libvirt refuses the question (old versions do), that is no trouble.
   */
  async addresses(host: Host, domain: string, subject = domain): Promise<string[]> {
    for (const source of ['lease', 'arp']) {
      const argv = virshRead(this.#options.uri, 'domifaddr', domain, '--source', source);
      const answer = await this.at(`the addresses of ${subject}`, () =>
        askVirsh(host, argv, { signal: this.#options.signal }),
      );
      const addresses = answer?.ok === true ? interfaceAddresses(answer.text) : [];
      if (addresses.length > 0) return addresses;
    }
    return [];
  }
}
