import { Text, useApp, useInput, useIsScreenReaderEnabled, usePaste, useWindowSize } from 'ink';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { App } from './app.ts';
import { Drawn } from './frame/drawn.tsx';
import { paste, press } from './input.ts';
import { earsOf, eyesOf } from './shown.ts';
import { strokesOf } from './strokes.ts';
import { textOf } from './text/line.ts';
import { themeOf } from './theme.ts';

export interface RootProps {
  readonly app: App;
  /** Gives Ink's way to hand the terminal to somebody else to the one who mounted the screens. */
  readonly onReady: (suspendTerminal: (work: () => Promise<void>) => Promise<void>) => void;
}

/** Chooses the layout and hands keys on. What is shown comes from the store, what keys do from the intents. */
export function Root({ app, onReady }: RootProps) {
  const { suspendTerminal } = useApp();
  useEffect(() => onReady(work => suspendTerminal(work)), [onReady, suspendTerminal]);
  useInput((input, key) => {
    for (const stroke of strokesOf(input, key)) press(app, stroke.input, stroke.key);
  });
  usePaste(text => paste(app, text));
  const { columns, rows } = useWindowSize();
  useEffect(() => app.store.act({ type: 'resize', columns, rows }), [app, columns, rows]);
  return useIsScreenReaderEnabled() ? <Linear app={app} /> : <FullScreen app={app} />;
}

function FullScreen({ app }: { readonly app: App }) {
  const [shown] = useState(() => eyesOf(app));
  const { lines, theme } = useSyncExternalStore(app.store.subscribe, shown);
  return <Drawn lines={lines} theme={themeOf(theme)} />;
}

function Linear({ app }: { readonly app: App }) {
  const [heard] = useState(() => earsOf(app));
  return useSyncExternalStore(app.store.subscribe, heard).map((each, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a sentence has no identity but its place
    <Text key={index}>{textOf(each)}</Text>
  ));
}
