import { execa } from 'execa';
import { z } from 'zod';

const listed = z.object({
  evacuations: z.array(z.object({ name: z.string(), running: z.boolean(), holder: z.unknown().optional() })),
});

/** An engine outlives its screens by design: here each has to be told, and waited for. Rejects after 30 s. */
export async function stopEngines(
  landfall: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const until = performance.now() + 30_000;
  const told = new Set<string>();
  while (performance.now() < until) {
    const { stdout } = await execa(landfall, ['list', '--json'], { cwd, env });
    const held = listed.parse(JSON.parse(stdout)).evacuations.filter(each => each.holder !== undefined);
    if (held.length === 0) return;
    for (const { name } of held.filter(each => each.running && !told.has(each.name))) {
      told.add(name);
      await execa(landfall, ['stop', name], { cwd, env });
    }
  }
  throw new Error(`an engine still runs after 30 s; its files are in ${cwd}`);
}
