import { Text, useApp, useInput, useIsScreenReaderEnabled, usePaste, useWindowSize } from 'ink';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import type { App } from './app.ts';
import { Drawn } from './frame/drawn.tsx';
import { isSameToEars, linear } from './frame/linear.ts';
import { paste, press } from './input.ts';
import { disabledIn } from './intents/index.ts';
import { strokesOf } from './strokes.ts';
import { type Line, textOf } from './text/line.ts';
import { themeOf } from './theme.ts';
import type { UiState } from './ui-state.ts';

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
  const { ui } = useSyncExternalStore(app.store.subscribe, app.store.view);
  return <Drawn lines={app.current().composed.lines} theme={themeOf(ui.theme)} />;
}

function Linear({ app }: { readonly app: App }) {
  const view = useSyncExternalStore(app.store.subscribe, app.store.view);
  const heard = useRef<{ readonly ui: UiState; readonly lines: readonly Line[] }>(undefined);
  const scope = app.current();
  const lines = linear(view, scope.screen, { disabled: disabledIn(scope) });
  const before = heard.current;
  // What a key did is always heard; what changed by itself only where it means something.
  if (before === undefined || before.ui !== view.ui || !isSameToEars(before.lines, lines))
    heard.current = { ui: view.ui, lines };
  return heard.current?.lines.map((each, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a sentence has no identity but its place
    <Text key={index}>{textOf(each)}</Text>
  ));
}
