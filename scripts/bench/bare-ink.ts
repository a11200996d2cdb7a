import { Box, render, Text, useInput } from 'ink';
import { createElement, useState } from 'react';
import { memoryTerminal } from './memory-terminal.ts';

/** The least that Ink can do: as many rows of one Text, a cursor that moves by a key. */
export function openBareInk(columns: number, rows: number) {
  const terminal = memoryTerminal(columns, rows);
  const words = 'app-02   critical  copying   9 of 12 files  70.9 MB  3m53s  ';
  const Rows = () => {
    const [at, move] = useState(0);
    useInput(input => move(before => (before + (input === 'j' ? 1 : rows - 1)) % rows));
    return createElement(
      Box,
      { flexDirection: 'column' },
      Array.from({ length: rows }, (_row, index) =>
        createElement(
          Text,
          { key: index, wrap: 'truncate', inverse: index === at },
          `${index === at ? '>' : ' '} ${words.repeat(4)}`.slice(0, columns),
        ),
      ),
    );
  };
  const instance = render(createElement(Rows), {
    ...terminal.streams,
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
    exitOnCtrlC: false,
    interactive: true,
  });
  return { terminal, close: () => instance.unmount() };
}
