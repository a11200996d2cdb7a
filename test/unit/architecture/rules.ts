import { dirname, normalize } from 'node:path/posix';
import { dotted, importsOf, isNode, lineOf, literal, type Node, type SourceFile } from './source.ts';

/** The rules of the house (DESIGN 2 and 3) as functions from a file to what is wrong in it. */
export type Rule = (file: SourceFile) => string[];

/** Which rooms a room may import from, besides itself. What is not listed is not allowed. */
const GROUND = ['foundation', 'journal', 'plan', 'remote'];
const MIDDLE = [...GROUND, 'step', 'pace', 'estate'];
const ROOM = [...MIDDLE, 'tools'];
const ABOVE_ROOMS = [...ROOM, 'inventory', 'build', 'sync', 'database', 'prove', 'readiness'];
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  foundation: [],
  journal: ['foundation'],
  plan: ['foundation'],
  remote: ['foundation'],
  step: GROUND,
  // What the passes of the past say of those to come: pure, so that whoever judges, plans or shows may ask.
  pace: [...GROUND, 'step'],
  // The plan against what was seen: dependencies, drift, sizes, age. Pure, like pace.
  estate: [...GROUND, 'step', 'pace', 'tools'],
  // What the tools of a host answer, understood once for the rooms that ask them.
  tools: [...GROUND, 'step'],
  inventory: ROOM,
  build: ROOM,
  sync: ROOM,
  database: ROOM,
  // A proof boots what was built and copied; through the doors of those rooms only.
  prove: [...ROOM, 'inventory', 'build', 'sync'],
  readiness: MIDDLE,
  // The cutover as a list is pure, so that documents and screens may show it; its deeds are a room of their own.
  checklist: [...MIDDLE, 'readiness'],
  // A pack of evidence is made and judged from files alone: no host, no engine.
  evidence: ['foundation', 'journal', 'plan', 'step', 'pace', 'estate', 'readiness', 'checklist'],
  cutover: [...ROOM, 'inventory', 'build', 'sync', 'database', 'prove', 'readiness', 'checklist'],
  evacuation: [...ABOVE_ROOMS, 'checklist', 'cutover'],
  // Reports see only folded state and the judgements on it.
  reports: ['foundation', 'journal', 'plan', 'step', 'pace', 'estate', 'readiness', 'checklist'],
  tui: [...ABOVE_ROOMS, 'checklist', 'cutover', 'evacuation', 'reports'],
  cli: [...ABOVE_ROOMS, 'checklist', 'evidence', 'cutover', 'evacuation', 'reports', 'tui'],
  // Types from anywhere; see `floors`.
  lab: ['foundation'],
};

/** The only folder that may start the lab, and only by a dynamic import: a production run never loads it. */
const LAB_STARTER = 'src/cli/rehearsal/';

/** Programs of their own, started as child processes: they are their own command line. */
const PROGRAMS: readonly string[] = [
  'src/lab/main.ts',
  'src/lab/sqlserver/main.ts',
  'src/lab/tools/tool-call.ts',
];

/** The only file that may delete a tree. */
export const RECURSIVE_DELETE = 'src/foundation/remove-tree.ts';

const MOST_LINES = 400;

const roomOf = (path: string): string => path.split('/')[1] ?? '';
const at = (file: SourceFile, node: Node, what: string): string =>
  `${file.path}:${lineOf(file, node)} ${what}`;
const belowCli = (file: SourceFile): boolean => roomOf(file.path) !== 'cli' && !PROGRAMS.includes(file.path);

/** Imports go only downward; the lab is beside the house. */
export const floors: Rule = file => {
  const room = roomOf(file.path);
  const allowed = MAY_IMPORT[room];
  if (allowed === undefined)
    return [`${file.path} is in no room of the house: add it to the table of floors`];
  return importsOf(file).flatMap(each => {
    if (!each.specifier.startsWith('.')) return [];
    const to = roomOf(normalize(`${dirname(file.path)}/${each.specifier}`));
    if (to === room || allowed.includes(to)) return [];
    if (room === 'lab' && each.typeOnly) return [];
    if (to === 'lab' && file.path.startsWith(LAB_STARTER) && (each.dynamic || each.typeOnly)) return [];
    return [at(file, each.node, `${room} must not import from ${to}`)];
  });
};

export const extensions: Rule = file =>
  importsOf(file).flatMap(each =>
    !each.specifier.startsWith('.') || /\.(?:tsx?|json)$/.test(each.specifier)
      ? []
      : [at(file, each.node, `import ${each.specifier} without its .ts extension`)],
  );

const PROCESS = ['env', 'argv', 'exit', 'exitCode', 'stdout', 'stderr', 'stdin', 'cwd', 'chdir'];

/** Environment, arguments and the end of the process belong to the command line. */
export const noProcess: Rule = file => {
  if (!belowCli(file)) return [];
  const accesses = file.nodes.flatMap(node => {
    const name = node.type === 'MemberExpression' ? dotted(node)?.replace(/^globalThis\./, '') : undefined;
    const found = PROCESS.find(each => name === `process.${each}`);
    return found === undefined ? [] : [at(file, node, `process.${found} below the command line`)];
  });
  const imports = importsOf(file).flatMap(each =>
    each.specifier === 'node:process' && !each.typeOnly
      ? [at(file, each.node, 'node:process below the command line')]
      : [],
  );
  return [...accesses, ...imports];
};

export const noConsole: Rule = file =>
  belowCli(file)
    ? file.nodes.flatMap(node =>
        node.type === 'MemberExpression' &&
        /^(?:globalThis\.)?console\.(?:assert|count|debug|dir|error|group|info|log|table|time|timeEnd|trace|warn)$/.test(
          dotted(node) ?? '',
        )
          ? [at(file, node, 'console below the command line')]
          : [],
      )
    : [];

const isTrue = (node: unknown): boolean => isNode(node) && node.type === 'Literal' && node['value'] === true;

/** `true`, the path of a shell, or a condition that may be either: anything but `false` and a schema. */
const mayBeShell = (node: unknown): boolean =>
  isNode(node) &&
  (node.type === 'Literal'
    ? node['value'] === true || typeof node['value'] === 'string'
    : node.type === 'ConditionalExpression' || node.type === 'LogicalExpression');

const keyOf = (node: Node): string | undefined => dotted(node['key']) ?? literal(node['key']);

/** Commands are argv arrays: nothing hands a string to a shell of this machine. */
export const noShellStrings: Rule = file => {
  const options = file.nodes.flatMap(node =>
    node.type === 'Property' && keyOf(node) === 'shell' && mayBeShell(node['value'])
      ? [at(file, node, 'a command through a shell')]
      : [],
  );
  const fromChildProcess = importsOf(file).filter(each => /^(?:node:)?child_process$/.test(each.specifier));
  const imported = fromChildProcess.flatMap(each =>
    each.names
      .filter(name => name === 'exec' || name === 'execSync')
      .map(name => at(file, each.node, `${name} of child_process`)),
  );
  const whole = fromChildProcess.flatMap(each =>
    each.names.length === 0 && !each.typeOnly ? [at(file, each.node, 'child_process as a whole')] : [],
  );
  const executesText = importsOf(file).flatMap(each =>
    each.specifier === 'execa'
      ? each.names
          .filter(name => /^execaCommand|^parseCommandString$/.test(name))
          .map(name => at(file, each.node, `${name} of execa`))
      : [],
  );
  const templates = file.nodes.flatMap(node => {
    if (node.type === 'TaggedTemplateExpression') {
      return /^(?:\$|execa\w*)(?:\.|$)/.test(dotted(node['tag']) ?? '')
        ? [at(file, node, 'a command as a template')]
        : [];
    }
    if (node.type !== 'CallExpression') return [];
    const name = dotted(node['callee'])?.split('.').at(-1) ?? '';
    const first = Array.isArray(node['arguments']) ? node['arguments'][0] : undefined;
    return COMMANDS.test(name) && isNode(first) && isBuilt(first)
      ? [at(file, node, 'a command built as a string')]
      : [];
  });
  return [...options, ...imported, ...whole, ...executesText, ...templates];
};

const COMMANDS = /^(?:execCommand|execFile|execFileSync|spawn|spawnSync|execa|execaSync)$/;

/** Text put together from parts: the beginning of every shell injection. */
const isBuilt = (node: Node): boolean =>
  (node.type === 'TemplateLiteral' && Array.isArray(node['expressions']) && node['expressions'].length > 0) ||
  (node.type === 'BinaryExpression' && node['operator'] === '+');

/** Trees are deleted by one function that knows what it may delete. */
export const noRecursiveDelete: Rule = file => {
  if (file.path === RECURSIVE_DELETE) return [];
  return file.nodes.flatMap(node => {
    if (node.type !== 'CallExpression') return [];
    const name = dotted(node['callee'])?.split('.').at(-1) ?? '';
    if (!/^(?:rm|rmSync|rmdir|rmdirSync)$/.test(name)) return [];
    const args = Array.isArray(node['arguments']) ? node['arguments'].filter(isNode) : [];
    const recursive = args.some(
      arg =>
        arg.type === 'ObjectExpression' &&
        Array.isArray(arg['properties']) &&
        arg['properties'].some(each => isNode(each) && keyOf(each) === 'recursive' && isTrue(each['value'])),
    );
    return recursive ? [at(file, node, `a recursive ${name} outside ${RECURSIVE_DELETE}`)] : [];
  });
};

export const notTooLong: Rule = file => {
  const lines = file.text.trimEnd().split('\n').length;
  return lines > MOST_LINES ? [`${file.path} has ${lines} lines: ${MOST_LINES} are the most`] : [];
};

export const namedExports: Rule = file =>
  file.nodes.flatMap(node => {
    const renamed = node.type === 'ExportSpecifier' && dotted(node['exported']) === 'default';
    return node.type === 'ExportDefaultDeclaration' || renamed ? [at(file, node, 'a default export')] : [];
  });

export const noAny: Rule = file =>
  file.nodes.flatMap(node => (node.type === 'TSAnyKeyword' ? [at(file, node, 'the type any')] : []));

export const RULES: Readonly<Record<string, Rule>> = {
  'imports go only downward': floors,
  'relative imports carry their extension': extensions,
  'no environment, arguments or exit below the command line': noProcess,
  'no console below the command line': noConsole,
  'no command through a shell': noShellStrings,
  'trees are deleted in one place': noRecursiveDelete,
  'no file over 400 lines': notTooLong,
  'named exports only': namedExports,
  'no any': noAny,
};
