import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { removeTree } from '../../src/foundation/remove-tree.ts';
import { readState } from '../../src/journal/read-state.ts';
import { type OpenPty, openPty } from '../support/terminal-pty.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The built program, as an engineer starts it from a checkout. */
const LANDFALL = join(ROOT, 'scripts/landfall');
const NAME = 'rehearsal-1';
const MACHINES = ['db1', 'web1'];

/** What leaves the alternate screen, then what shows the cursor: Ink's farewell. Words may follow, pictures may not. */
const GIVEN_BACK = /\u001B\[\?1049l\u001B\[\?25h(?:(?!\u001B\[\?(?:1049h|25l))[\s\S])*$/;

const listed = z.object({
  evacuations: z.array(
    z.object({
      name: z.string(),
      running: z.boolean(),
      holder: z.object({ pid: z.number(), host: z.string() }).optional(),
    }),
  ),
});

describe('the built program in a terminal', () => {
  let home = '';
  const terminals: OpenPty[] = [];
  const env = (): Record<string, string> => ({ HOME: home, XDG_STATE_HOME: home, XDG_CONFIG_HOME: home });
  const open = (args: readonly string[], who = 'dana'): OpenPty => {
    const pty = openPty({
      command: LANDFALL,
      args,
      columns: 120,
      rows: 36,
      cwd: home,
      env: { ...env(), LANDFALL_ENGINEER: who },
    });
    terminals.push(pty);
    return pty;
  };
  /** The process that steers the rehearsal; undefined when none does. */
  const engine = async (): Promise<number | undefined> => {
    const { stdout } = await execa(LANDFALL, ['list', '--json'], { cwd: home, env: env() });
    return listed.parse(JSON.parse(stdout)).evacuations.find(each => each.name === NAME)?.holder?.pid;
  };

  // A second, where everything is built already.
  beforeAll(() => execa(join(ROOT, 'scripts/setup')), 120_000);
  beforeEach(async () => {
    // Short: a Unix socket is made below it.
    home = await mkdtemp('/tmp/lf-ui-');
  });
  afterEach(async () => {
    for (const pty of terminals.splice(0)) await pty.close();
    const pid = await engine();
    if (pid !== undefined) {
      await execa(LANDFALL, ['stop', NAME], { cwd: home, env: env(), reject: false });
      await goneBy(pid, 20_000);
    }
    await removeTree(home, '/tmp');
  }, 60_000);

  test('start, walk, detach, lose a terminal, attach from another, stop by the typed name', {
    timeout: 180_000,
  }, async () => {
    // Starts: a rehearsal whose engine lives on its own, and the screens on it.
    const first = open(['rehearse', '--scale', '0.04', '--machines', MACHINES.join(), '--no-database']);
    await first.screen.waitFor('EARLIEST LOSS', { within: 60_000 });
    expect(first.screen.isAlternate).toBe(true);
    await first.screen.waitFor('LAB');

    // Walks: every stage by its number, each with its name in brackets on the rail.
    const stages = ['Check', 'Inventory', 'Build', 'Sync', 'Database', 'Prove', 'Ready', 'Cutover'];
    for (const [index, stage] of stages.entries()) {
      first.press(String(index + 1));
      await first.screen.waitFor(lines => (lines[1] ?? '').includes(`[${index + 1} ${stage}]`));
    }
    first.press('o');
    await first.screen.waitFor(lines => MACHINES.every(name => lines.some(line => verified(line, name))), {
      within: 90_000,
      what: 'both machines verified on the overview',
    });
    // A window that is made small and large again is redrawn whole.
    first.resize(80, 24);
    await first.screen.waitFor(
      lines => (lines[0] ?? '').includes(NAME) && (lines[23] ?? '').includes('q detach'),
    );
    first.resize(120, 36);
    await first.screen.waitFor(
      lines => (lines[0] ?? '').includes(NAME) && (lines[35] ?? '').includes('q detach'),
    );
    expect(first.screen.flickers).toEqual([]);

    // Detaches: the terminal is as it was, and says what goes on.
    const pid = await engine();
    first.press('q');
    expect(await first.exited).toEqual({ code: 0, signal: undefined });
    expect(first.raw()).toMatch(GIVEN_BACK);
    expect(first.screen.isAlternate).toBe(false);
    expect(first.screen.isCursorVisible).toBe(true);
    expect(first.screen.text()).toContain(`landfall attach ${NAME}`);
    expect(await engine()).toBe(pid);

    // Loses a terminal: the window is closed on the second look.
    const second = open(['attach', NAME]);
    await second.screen.waitFor('EARLIEST LOSS');
    second.hangUp();
    await second.exited;
    expect(await engine()).toBe(pid);

    // From another terminal: SIGTERM ends the screens in good order, and only them.
    const third = open(['attach', NAME], 'robin');
    await third.screen.waitFor('EARLIEST LOSS');
    third.kill('SIGTERM');
    await third.exited;
    expect(third.raw()).toMatch(GIVEN_BACK);
    expect(await engine()).toBe(pid);

    // A destructive action: the wrong name does nothing, esc is no, the right name ends the engine.
    const fourth = open(['attach', NAME], 'robin');
    await fourth.screen.waitFor('EARLIEST LOSS');
    fourth.press('X');
    await fourth.screen.waitFor(`type ${NAME} to confirm`);
    fourth.press('rehearsal', 'enter');
    await fourth.screen.waitFor('exactly');
    fourth.press('esc');
    await fourth.screen.waitFor('q detach');
    expect(await engine()).toBe(pid);
    fourth.press('X');
    await fourth.screen.waitFor(`type ${NAME} to confirm`);
    fourth.press(NAME, 'enter');
    await fourth.screen.waitFor('no engine', { within: 30_000 });
    fourth.press('q');
    expect(await fourth.exited).toEqual({ code: 0, signal: undefined });
    expect(fourth.raw()).toMatch(GIVEN_BACK);
    expect(await engine()).toBeUndefined();

    // The journal knows who did it.
    const { state } = await readState(join(home, 'landfall/evacuations'), NAME);
    expect(state.evacuation?.outcome).toBeDefined();
    const journal = await readFile(join(home, 'landfall/evacuations', NAME, 'journal.jsonl'), 'utf8');
    expect(journal).toMatch(
      /"by":"robin@[^"]+".*"type":"stop\.requested"|"type":"stop\.requested".*"by":"robin@/,
    );
  });

  test('with nothing to show yet, the first screen says what can be done', { timeout: 30_000 }, async () => {
    const { screen, press, exited, raw } = open([]);
    await screen.waitFor('rehearse');
    expect(screen.flickers).toEqual([]);
    press('q');
    expect(await exited).toEqual({ code: 0, signal: undefined });
    expect(raw()).toMatch(GIVEN_BACK);
  });
});

function verified(line: string, machine: string): boolean {
  return line.includes(` ${machine} `) && line.includes('✔ verified');
}

/** Waits until a process that is not ours is gone. */
async function goneBy(pid: number, ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    // Nothing tells of the end of a process that is no child: asking ps takes long enough to be no busy loop.
    await execa('ps', ['-p', String(pid)], { reject: false });
  }
  throw new Error(`engine ${pid} still runs after ${ms} ms`);
}
