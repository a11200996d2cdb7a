import { harmless } from '../../../foundation/text.ts';
import type { SurveyFacts } from '../../../journal/facts-survey.ts';
import type { Answers, Learned } from '../learn.ts';
import { bounded } from './bounds.ts';

/** Modules that are told. */
const MODULES_KEPT = 64;

/** Uptime, load, memory, and modules that are not of the kernel's own tree. */
export function readKernel(answers: Answers): Learned {
  const uptimeSeconds = answers.learn('uptime', 'diskstats-first', text => parseUptime(text));
  const load = readLoad(answers);
  const foreignModules = readModules(answers);
  return {
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(load === undefined ? {} : { load }),
    ...(foreignModules === undefined ? {} : { foreignModules }),
  };
}

/** Whole seconds since the boot, from the first word of `/proc/uptime`. */
export function parseUptime(text: string): number | undefined {
  const seconds = Number(/^(\d{1,12}(?:\.\d+)?)\s/.exec(text)?.[1] ?? Number.NaN);
  return Number.isFinite(seconds) ? Math.floor(seconds) : undefined;
}

function readLoad(answers: Answers): SurveyFacts['load'] {
  const one = answers.learn('load', 'loadavg', text => numberOf(/^(\d{1,6}\.\d+)\s/.exec(text)));
  const cpus = answers.learn('processors', 'cpus', text => numberOf(/^([1-9]\d{0,5})\s*$/.exec(text)));
  const memory = answers.learn('memory', 'meminfo', parseMemory);
  if (one === undefined || cpus === undefined || memory === undefined) return undefined;
  return { cpus, one, memory: memory.total, available: memory.available };
}

/** Bytes from `/proc/meminfo`. Kernels before 3.14 do not say what is available: then what is free or easily freed. */
export function parseMemory(
  text: string,
): { readonly total: number; readonly available: number } | undefined {
  const bytes = (name: string): number | undefined => {
    const kilobytes = numberOf(new RegExp(`^${name}:\\s+(\\d{1,12}) kB$`, 'm').exec(text));
    return kilobytes === undefined ? undefined : kilobytes * 1024;
  };
  const total = bytes('MemTotal');
  const free = bytes('MemFree');
  const available =
    bytes('MemAvailable') ??
    (free === undefined ? undefined : free + (bytes('Buffers') ?? 0) + (bytes('Cached') ?? 0));
  return total === undefined || available === undefined
    ? undefined
    : { total, available: Math.min(total, available) };
}

/** `modules` names each loaded module with its marks; a kernel that was built without modules has no such table. */
function readModules(answers: Answers): string[] | undefined {
  if (answers.section('modules')?.rc !== 0 && (answers.section('modules-none')?.rc ?? 0) !== 0) return [];
  const loaded = answers.learn('modules of the kernel', 'modules', parseModules);
  if (loaded === undefined) return undefined;
  const beside = new Set(
    (answers.text('modules-beside') ?? '')
      .split('\n')
      .map(file => /([^/]+)\.ko(?:\.[a-z0-9]+)?$/.exec(file)?.[1]?.replaceAll('-', '_') ?? ''),
  );
  const foreign = loaded.filter(({ name, marks }) => /[OP]/.test(marks) || beside.has(name));
  return bounded(answers, 'foreign modules', foreign.map(({ name }) => name).toSorted(), MODULES_KEPT);
}

/** Lines `NAME (MARKS)`: O stands for a module out of the kernel's tree, P for a proprietary one. */
export function parseModules(text: string): { readonly name: string; readonly marks: string }[] | undefined {
  const lines = text.split('\n').filter(line => line.trim() !== '');
  const modules = lines.flatMap(line => {
    const [, name, marks = ''] = /^([A-Za-z0-9_]{1,64})(?: \(([A-Z+-]{1,12})\))? *$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name: harmless(name), marks }];
  });
  return modules.length === 0 && lines.length > 0 ? undefined : modules;
}

function numberOf(match: RegExpExecArray | null): number | undefined {
  const value = Number(match?.[1] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
