import { parseScreen, screenTextArgv } from '../build/index.ts';
import { formatDuration } from '../foundation/units.ts';
import type { Argv, Host } from '../remote/host.ts';
import type { StepContext } from '../step/step.ts';
import { askVirsh } from '../tools/virsh.ts';
import { GrowingFile } from './console-files.ts';
import { isStuck } from './console-reasons.ts';
import { consoleLines, hasKernelLine, hasLoginPrompt, hasUserspaceMark } from './console-text.ts';
import type { Deeds } from './deeds.ts';
import { isComplete } from './evidence.ts';
import type { WatchEnd } from './reasons.ts';

/** Short, because the links of the copy go up when its userspace begins, and its services wait for that. */
const POLL_MS = 500;
/** A copy that seems to stand still is given so long to prove the opposite. */
const STUCK_MS = 8_000;
/** How often what costs more is asked: whether the domain is there, what its screen shows. */
const LOOK_MS = 10_000;
/** What a copy says lies in the memory of its hypervisor: one that talks without end is ended. */
const FLOOD = 64 * 1024 ** 2;
/** How long the agent may take after everything else has answered. */
const AGENT_MS = 20_000;

export interface WatchOptions {
  readonly machine: string;
  readonly nonce: string;
  readonly limitMs: number;
  /** The source has a guest agent, so the copy is asked for its own. */
  readonly agent: boolean;
  /** Nothing was written into it: it is only seen from outside, and stays unplugged. */
  readonly outside: boolean;
  readonly files: { readonly console: string; readonly evidence: string };
}

export interface Watched {
  readonly end: WatchEnd;
  readonly console: Buffer;
  readonly evidence: Buffer;
  readonly screen: readonly string[];
  readonly kernelMs?: number;
  readonly userspaceMs?: number;
  readonly evidenceMs?: number;
  readonly agentMs?: number;
  readonly agentWords?: string;
}

type Moments = { -readonly [K in 'kernelMs' | 'userspaceMs' | 'evidenceMs' | 'agentMs']?: number };

export const agentArgv = ({ site, domain }: Deeds): Argv =>
  site.write('qemu-agent-command', domain, '{"execute":"guest-ping"}', '--timeout', '5');

export const screenArgv = ({ plan }: Pick<StepContext, 'plan'>, { site, domain }: Deeds): Argv =>
  screenTextArgv(plan.hypervisors[site.hypervisor]?.uri ?? 'qemu:///system', domain);

const lastWords = (stderr: Buffer): string | undefined => stderr.toString('utf8').trim().split('\n').at(-1);

/**
 * Watches a copy that has just been started until it has said everything, stands still, is gone, or its time is over.
 * When its userspace begins, its network cards are plugged into the island. One that is only seen from outside has said
 * everything when its agent answers or its console asks for a login.
 */
export async function watch(
  context: StepContext,
  host: Host,
  deeds: Deeds,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<Watched> {
  const watcher = new Watcher(context, host, deeds, options);
  return watcher.watch(signal);
}

class Watcher {
  readonly #context: StepContext;
  readonly #host: Host;
  readonly #deeds: Deeds;
  readonly #options: WatchOptions;
  readonly #console: GrowingFile;
  readonly #evidence: GrowingFile;
  readonly #started: number;
  readonly #moments: Moments = {};
  #screen: string[] = [];
  #agentWords: string | undefined;

  constructor(context: StepContext, host: Host, deeds: Deeds, options: WatchOptions) {
    this.#context = context;
    this.#host = host;
    this.#deeds = deeds;
    this.#options = options;
    this.#console = new GrowingFile(options.files.console);
    this.#evidence = new GrowingFile(options.files.evidence);
    this.#started = context.clock.monotonic();
  }

  get #elapsed(): number {
    return this.#context.clock.monotonic() - this.#started;
  }

  async watch(signal: AbortSignal): Promise<Watched> {
    const { limitMs } = this.#options;
    let lookedAt = 0;
    let quietSince: number | undefined;
    for (;;) {
      const hasSpoken = await this.#listen(signal);
      if (isComplete(this.#evidence.text)) {
        this.#moments.evidenceMs = this.#elapsed;
        await this.#askAgent(signal);
        return this.#over('evidence');
      }
      if (this.#options.outside && this.#moments.userspaceMs !== undefined) {
        if (this.#moments.agentMs === undefined) await this.#askAgent(signal);
        return this.#last('evidence', signal);
      }
      if (this.#elapsed - lookedAt >= LOOK_MS) {
        lookedAt = this.#elapsed;
        if (this.#options.outside && this.#options.agent) await this.#pingAgent(signal);
        if (await this.#isGone(signal)) return this.#over('gone');
        if (this.#moments.kernelMs === undefined) await this.#look(signal);
      }
      if (hasSpoken || !this.#seemsStuck()) quietSince = undefined;
      else {
        quietSince ??= this.#elapsed;
        if (this.#elapsed - quietSince >= STUCK_MS) return this.#last('stuck', signal);
      }
      if (this.#console.size + this.#evidence.size > FLOOD) return this.#over('flood');
      if (this.#elapsed >= limitMs) return this.#last('deadline', signal);
      this.#tell();
      await this.#context.clock.sleep(POLL_MS, signal);
    }
  }

  /** Hears both lines; true where the console has said something new. */
  async #listen(signal: AbortSignal): Promise<boolean> {
    const hasSpoken = await this.#console.grow(this.#host, signal);
    const { text } = this.#console;
    if (hasSpoken) {
      const lines = consoleLines(text);
      if (hasKernelLine(lines)) this.#moments.kernelMs ??= this.#elapsed;
      if (this.#options.outside && hasLoginPrompt(lines)) this.#moments.userspaceMs ??= this.#elapsed;
    }
    if (this.#options.outside) return hasSpoken;
    if (this.#moments.userspaceMs === undefined && hasUserspaceMark(text, this.#options.nonce)) {
      this.#moments.userspaceMs = this.#elapsed;
      await this.#plugIn(signal);
    }
    await this.#evidence.grow(this.#host, signal);
    return hasSpoken;
  }

  async #plugIn(signal: AbortSignal): Promise<void> {
    for (const link of this.#deeds.linksUp) await this.#context.perform(link, { signal });
  }

  /** A unit that failed is no standstill, and one that waits for its time-out prints nothing either. */
  #seemsStuck(): boolean {
    if (this.#evidence.bytes.length > 0) return false;
    return isStuck(consoleLines(this.#console.text), this.#screen);
  }

  async #isGone(signal: AbortSignal): Promise<boolean> {
    const answer = await askVirsh(this.#host, this.#deeds.site.read('domstate', this.#deeds.domain), {
      signal,
    });
    return !answer.ok && answer.refusal === 'domain-absent';
  }

  async #look(signal: AbortSignal): Promise<void> {
    const answer = await askVirsh(this.#host, screenArgv(this.#context, this.#deeds), { signal });
    if (answer.ok) this.#screen = parseScreen(answer.text);
  }

  /** Who answers is up as far as its own services. */
  async #pingAgent(signal: AbortSignal): Promise<void> {
    const answer = await askVirsh(this.#host, agentArgv(this.#deeds), { signal });
    if (!answer.ok) {
      this.#agentWords = lastWords(answer.result.stderr);
      return;
    }
    this.#moments.agentMs ??= this.#elapsed;
    this.#moments.userspaceMs ??= this.#elapsed;
  }

  async #askAgent(signal: AbortSignal): Promise<void> {
    if (!this.#options.agent) return;
    const begun = this.#elapsed;
    for (;;) {
      const answer = await askVirsh(this.#host, agentArgv(this.#deeds), { signal });
      if (answer.ok) {
        this.#moments.agentMs = this.#elapsed;
        return;
      }
      if (this.#elapsed - begun >= AGENT_MS) {
        this.#agentWords = lastWords(answer.result.stderr);
        return;
      }
      await this.#context.clock.sleep(1_000, signal);
    }
  }

  /** Where it did not come up, its screen may say why. */
  async #last(end: WatchEnd, signal: AbortSignal): Promise<Watched> {
    if (this.#moments.userspaceMs === undefined || this.#options.outside) await this.#look(signal);
    return this.#over(end);
  }

  #over(end: WatchEnd): Watched {
    return {
      end,
      console: this.#console.bytes,
      evidence: this.#evidence.bytes,
      screen: this.#screen,
      ...this.#moments,
      ...(this.#agentWords === undefined ? {} : { agentWords: this.#agentWords }),
    };
  }

  #tell(): void {
    const { limitMs } = this.#options;
    const { kernelMs, userspaceMs } = this.#moments;
    const stage =
      this.#evidence.bytes.length > 0
        ? 'it answers for itself'
        : userspaceMs !== undefined
          ? 'its services start'
          : kernelMs !== undefined
            ? 'its kernel runs'
            : 'no kernel yet';
    this.#context.sample({
      text: `booting: ${stage}, ${formatDuration(Math.round(this.#elapsed / 1000) * 1000)} of at most ${formatDuration(limitMs)}`,
    });
  }
}
