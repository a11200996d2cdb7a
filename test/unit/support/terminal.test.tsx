import { Box, render, Text, useApp, useInput, usePaste, useWindowSize } from 'ink';
import { useState } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { type OpenTerminal, openTerminal, type TerminalOptions } from '../../support/terminal.ts';

let terminal: OpenTerminal | undefined;
afterEach(() => terminal?.close());
const open = async (options?: TerminalOptions): Promise<OpenTerminal> => {
  terminal = await openTerminal(options);
  return terminal;
};

function Probe() {
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  const [heard, setHeard] = useState<string[]>([]);
  const [extra, setExtra] = useState(0);
  useInput((input, key) => {
    if (input === 'q') exit();
    if (input === 'T') setExtra(3);
    const name = Object.entries(key).find(([what, isOn]) => isOn === true && what !== 'shift')?.[0];
    setHeard(before => [...before, `${name ?? ''}${name === undefined || key.ctrl ? input : ''}`]);
  });
  usePaste(text => setHeard(before => [...before, `pasted:${text}`]));
  return (
    <Box flexDirection="column" height={rows + extra} width={columns}>
      <Text color="green" bold>
        {columns}x{rows}
      </Text>
      <Text>日本 {heard.join(' ')}</Text>
      <Box flexGrow={1} />
      <Text inverse>bottom</Text>
    </Box>
  );
}

describe('openTerminal', () => {
  it('shows what Ink draws, fills the terminal exactly, and follows a resize', async () => {
    const { screen, resize, mount } = await open({ columns: 40, rows: 8 });
    await mount(<Probe />);
    expect(screen.isAlternate).toBe(true);
    expect(screen.isCursorVisible).toBe(false);
    expect(screen.lines()[0]).toBe('40x8');
    expect(screen.lines()[7]).toBe('bottom');
    await resize(30, 6);
    expect(screen.lines()).toHaveLength(6);
    expect(screen.lines()[0]).toBe('30x6');
    expect(screen.lines()[5]).toBe('bottom');
    expect(screen.flickers).toEqual([]);
    expect(screen.frames).toBeGreaterThan(1);
  });

  it('presses keys by name and types text stroke by stroke', async () => {
    const { screen, press, mount } = await open({ columns: 100, rows: 6 });
    await mount(<Probe />);
    await press('up', 'enter', 'esc', 'tab', 'pagedown', 'ctrl+c', 'ab', 'backspace');
    expect(screen.lines()[1]).toBe('日本 upArrow return escape tab pageDown ctrlc a b backspace');
  });

  it('a paste is one piece', async () => {
    const { screen, paste, mount } = await open({ columns: 100, rows: 6 });
    await mount(<Probe />);
    await paste('miami q');
    expect(screen.lines()[1]).toBe('日本 pasted:miami q');
  });

  it('knows the colours and styles of a cell, and wide characters by column', async () => {
    const { screen, mount } = await open({ columns: 40, rows: 4, colour: true });
    await mount(<Probe />);
    expect(screen.cell(0, 0)).toMatchObject({ text: '4', colour: 2, bold: true, inverse: false });
    expect(screen.cell(0, 1)).toMatchObject({ text: '日', width: 2, colour: 'default' });
    expect(screen.cell(1, 1)).toMatchObject({ text: '', width: 0 });
    expect(screen.cell(2, 1).text).toBe('本');
    expect(screen.cell(0, 3)).toMatchObject({ text: 'b', inverse: true });
  });

  it('draws without a single style when colour is off', async () => {
    const { screen, raw, mount } = await open({ columns: 40, rows: 4 });
    await mount(<Probe />);
    expect(screen.cell(0, 0)).toMatchObject({ text: '4', colour: 'default', bold: false });
    expect(raw()).not.toMatch(/\u001B\[[\d;]*m/);
  });

  it('notices a frame that is taller than the terminal', async () => {
    const { screen, press, mount } = await open({ columns: 40, rows: 6 });
    await mount(<Probe />);
    await press('a', 'b');
    expect(screen.flickers).toEqual([]);
    await press('T');
    expect(screen.flickers.map(flicker => flicker.kind)).toContain('taller than the terminal');
  });

  it('notices a full clear that no resize asked for', async () => {
    const { screen, press, resize, streams, mount } = await open({ columns: 40, rows: 6 });
    await mount(<Probe />);
    await press('a', 'b');
    streams.stdout.write('\u001B[2J');
    await screen.drained();
    expect(screen.flickers).toEqual([{ kind: 'cleared without a resize', frame: screen.frames }]);
    await resize(20, 6);
    expect(screen.flickers).toHaveLength(1);
  });

  it('gives the terminal back when the program quits', async () => {
    const { screen, press, raw, mount } = await open({ columns: 40, rows: 6 });
    const instance = await mount(<Probe />);
    expect(terminal?.isRaw).toBe(true);
    await press('q');
    await instance.waitUntilExit();
    expect(terminal?.isRaw).toBe(false);
    expect(screen.isAlternate).toBe(false);
    expect(screen.isCursorVisible).toBe(true);
    expect(raw()).toMatch(/\u001B\[\?1049l\u001B\[\?25h$/);
    expect(screen.flickers).toEqual([]);
  });

  it('waits for what comes, and shows the screen when it does not come', async () => {
    const { screen, press, mount } = await open({ columns: 40, rows: 4 });
    await mount(<Probe />);
    const seen = screen.waitFor('down');
    await press('down');
    await seen;
    await screen.waitFor(/downArrow/);
    await screen.waitFor(lines => lines[3] === 'bottom');
    await expect(screen.waitFor('Atlantis', { within: 5 })).rejects.toThrow(
      /did not come within 5 ms: Atlantis[\s\S]*bottom/,
    );
  });

  it('never shows half a frame to whoever waits', async () => {
    const { screen } = await open({ columns: 40, rows: 4 });
    const seen: string[] = [];
    const complete = screen.waitFor(([first = '']) => {
      seen.push(first);
      return first.includes('upper');
    });
    await screen.write('\u001B[?2026hupper');
    await screen.write(' lower\u001B[?2026l');
    await complete;
    expect(seen).not.toContain('upper');
    expect(seen.at(-1)).toBe('upper lower');
  });

  it('serves a program that renders by itself', async () => {
    const { screen, streams, press, settle } = await open({ columns: 40, rows: 4 });
    const { waitUntilExit } = render(<Probe />, {
      ...streams,
      interactive: true,
      alternateScreen: true,
      patchConsole: false,
    });
    await settle();
    expect(screen.lines()[0]).toBe('40x4');
    await press('down', 'q');
    await waitUntilExit();
    expect(screen.isAlternate).toBe(false);
  });

  it('says so when nobody listens to the keyboard', async () => {
    const { press, mount } = await open({ columns: 40, rows: 4 });
    await mount(<Text>deaf</Text>);
    await expect(press('x')).rejects.toThrow('nobody reads the keyboard');
  });
});
