import type { App } from './app.ts';
import { placeOf } from './ui-state.ts';

/** What runs can begin and end while nobody presses a key. */
const REFRESH_MS = 5_000;

/** Lists the evacuations anew every few seconds for as long as the first screen is shown. Ends with the signal. */
export async function keepHomeFresh(
  { store, services, clock }: Pick<App, 'store' | 'services' | 'clock'>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    // Sleeps end early when the screens close; the loop sees the signal.
    await clock.sleep(REFRESH_MS, signal).catch(() => {});
    const { evacuations } = store.view().loaded;
    // A first look that is still under way is not asked twice.
    if (!signal.aborted && isHome(store) && evacuations.state !== 'loading')
      await store.load('evacuations', services.evacuations());
  }
}

const isHome = (store: App['store']): boolean => placeOf(store.view().ui).screen === 'home';
