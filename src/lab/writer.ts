import type { World } from './world.ts';
export interface Writer {
  pause(): Promise<void>;
  resume(): void;
  stop(): Promise<void>;
}
export function createWriter(_world: World, _options: { mailConverges: boolean }): Writer {
  return { pause: async () => undefined, resume: () => undefined, stop: async () => undefined };
}
