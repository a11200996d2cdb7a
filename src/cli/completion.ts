import type { Command, Completes, Option } from './command.ts';
import { TOPICS } from './help.ts';

/** Static completion scripts, made from the command table. Nothing is run while the engineer presses Tab but `ls`. */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const offered = commands.map(c => ({ ...c, options: c.options.filter(o => o.hidden !== true) }));
  if (shell === 'bash') return bash(offered);
  if (shell === 'zsh') return zsh(offered);
  return fish(offered);
}

const longFlags = (command: Command): string[] => [
  ...command.options.map(o => `--${o.name}`),
  '--help',
  '--no-color',
];
const names = (commands: readonly Command[]): string[] => [...commands.map(c => c.name), 'help'];
const takesValue = (option: Option): boolean => option.value !== undefined;
const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The list of evacuation names, as a command substitution that reads only the state directory. */
const EVACUATIONS =
  '$(ls "${LANDFALL_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/landfall/evacuations}" 2>/dev/null)';

function bashCandidates(completes: Completes, choices?: readonly string[]): string {
  if (choices !== undefined) return `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$cur"))`;
  if (completes === 'plan')
    return `COMPREPLY=($(compgen -f -X '!*.y*ml' -- "$cur") $(compgen -d -S / -- "$cur"))`;
  if (completes === 'evacuation')
    return `COMPREPLY=($(compgen -W "${EVACUATIONS}" -- "$cur") $(compgen -f -X '!*.y*ml' -- "$cur"))`;
  if (completes === 'directory') return 'COMPREPLY=($(compgen -d -- "$cur"))';
  if (completes === 'file') return 'COMPREPLY=($(compgen -f -- "$cur"))';
  return 'COMPREPLY=()';
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map(command => {
    const valued = command.options.filter(takesValue).map(o => {
      return `        --${o.name}) ${bashCandidates(o.completes ?? 'nothing', o.choices)}; return ;;`;
    });
    const argument = command.arguments[0];
    const choices = command.name === 'completion' ? SHELLS : undefined;
    return [
      `    ${command.name})`,
      ...(valued.length === 0 ? [] : ['      case "$prev" in', ...valued, '      esac']),
      `      if [[ "$cur" == -* ]]; then COMPREPLY=($(compgen -W "${longFlags(command).join(' ')}" -- "$cur"))`,
      `      else ${bashCandidates(argument?.completes ?? 'nothing', choices)}; fi ;;`,
    ].join('\n');
  });
  return `# bash completion for landfall: eval "$(landfall completion bash)"
_landfall() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names(commands).join(' ')} --help --version" -- "$cur")); return
  fi
  case "$command" in
${cases.join('\n')}
    help) COMPREPLY=($(compgen -W "${[...commands.map(c => c.name), ...TOPICS.map(t => t.name)].join(' ')}" -- "$cur")) ;;
  esac
}
complete -o filenames -o nospace -F _landfall landfall
`;
}

function zshValue(completes: Completes, choices?: readonly string[]): string {
  if (choices !== undefined) return `(${choices.join(' ')})`;
  if (completes === 'plan') return '_files -g "*.y(a|)ml"';
  if (completes === 'evacuation') return '_landfall_evacuations';
  if (completes === 'directory') return '_files -/';
  if (completes === 'file') return '_files';
  return ' ';
}

function zsh(commands: readonly Command[]): string {
  const escaped = (text: string): string => text.replace(/[[\]:\\]/g, '\\$&');
  const cases = commands.map(command => {
    const specs = command.options.map(o => {
      const value = takesValue(o)
        ? `:${escaped((o.value ?? '').toLowerCase())}:${zshValue(o.completes ?? 'nothing', o.choices)}`
        : '';
      return single(`${o.many === true ? '*' : ''}--${o.name}[${escaped(o.description)}]${value}`);
    });
    const positional = command.arguments.map((a, i) => {
      const choices = command.name === 'completion' ? SHELLS : undefined;
      return single(`${i + 1}:${a.name}:${zshValue(a.completes, choices)}`);
    });
    return `    ${command.name}) _arguments -s ${[...specs, `'--help[Show help.]'`, ...positional].join(' ')} ;;`;
  });
  return `#compdef landfall
# zsh completion for landfall: landfall completion zsh > "\${fpath[1]}/_landfall"
_landfall_evacuations() {
  local -a found
  found=(\${(f)"$(ls "\${LANDFALL_STATE:-\${XDG_STATE_HOME:-$HOME/.local/state}/landfall/evacuations}" 2>/dev/null)"})
  compadd -a found
  _files -g "*.y(a|)ml"
}
_landfall() {
  if (( CURRENT == 2 )); then
    local -a commands
    commands=(${commands.map(c => single(`${c.name}:${c.summary}`)).join(' ')} 'help:show help')
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words; (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
    help) compadd ${[...commands.map(c => c.name), ...TOPICS.map(t => t.name)].join(' ')} ;;
  esac
}
if [ "$funcstack[1]" = "_landfall" ]; then _landfall "$@"; else compdef _landfall landfall; fi
`;
}

function fish(commands: readonly Command[]): string {
  const lines = [
    '# fish completion for landfall: landfall completion fish > ~/.config/fish/completions/landfall.fish',
    'complete -c landfall -f',
  ];
  for (const c of commands) {
    lines.push(`complete -c landfall -n __fish_use_subcommand -a ${c.name} -d ${single(c.summary)}`);
    const when = `-n '__fish_seen_subcommand_from ${c.name}'`;
    for (const o of c.options) {
      const short = o.short === undefined ? '' : ` -s ${o.short}`;
      const value = !takesValue(o)
        ? ''
        : o.choices === undefined
          ? ' -r -F'
          : ` -x -a ${single(o.choices.join(' '))}`;
      lines.push(`complete -c landfall ${when} -l ${o.name}${short} -d ${single(o.description)}${value}`);
    }
    const completes = c.arguments[0]?.completes;
    if (completes === 'plan' || completes === 'file' || completes === 'evacuation')
      lines.push(`complete -c landfall ${when} -F`);
    if (completes === 'evacuation') {
      lines.push(
        `complete -c landfall ${when} -a '(set -q LANDFALL_STATE; and ls $LANDFALL_STATE 2>/dev/null; or ls ~/.local/state/landfall/evacuations 2>/dev/null)'`,
      );
    }
    if (c.name === 'completion') lines.push(`complete -c landfall ${when} -a '${SHELLS.join(' ')}'`);
  }
  lines.push(`complete -c landfall -n __fish_use_subcommand -a help -d 'show help'`, '');
  return lines.join('\n');
}
