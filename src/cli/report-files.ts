import { mkdir, open, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LandfallError } from '../foundation/errors.ts';
import type { RenderedFile } from '../reports/documents.ts';

/**
 * Writes documents to `output`: one file where it names one (`whole`, where several files would say the same in one), a
 * directory where it is or ends like one, or where there are several. Returns the paths. Throws `usage`.
 */
export async function writeReportFiles(
  cwd: string,
  output: string,
  files: readonly RenderedFile[],
  whole: string | undefined,
): Promise<string[]> {
  const path = resolve(cwd, output);
  const facts = await stat(path).catch(() => undefined);
  const isDirectory = output.endsWith('/') || facts?.isDirectory() === true;
  if (!isDirectory && whole !== undefined && (files.length < 2 || basename(path).includes('.')))
    return [await written(path, whole)];
  const paths: string[] = [];
  for (const { name, text } of files) paths.push(await written(join(path, name), text));
  return paths;
}

async function written(path: string, text: string): Promise<string> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  } catch (cause) {
    throw new LandfallError('usage', {
      what: `the report cannot be written to ${path}`,
      evidence: [cause instanceof Error ? cause.message : String(cause)],
      next: ['choose another place with --output, or leave it out to print the report'],
      cause,
    });
  }
}

/** A runbook is not larger. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The text of a file where there is one of that name, otherwise the words themselves. */
export async function readPaperText(cwd: string, paper: string): Promise<string> {
  const handle = await open(resolve(cwd, paper), 'r').catch(() => undefined);
  if (handle === undefined) return paper;
  try {
    const buffer = Buffer.alloc(MOST_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, MOST_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return paper;
  } finally {
    await handle.close();
  }
}
