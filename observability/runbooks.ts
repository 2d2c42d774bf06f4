import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Runbook {
  readonly alert: string;
  /** Lines of the block for a cluster. */
  readonly cluster: readonly string[];
  /** Lines of the block for `make up`. */
  readonly makeUp: readonly string[];
  /** The commands in "How to mend". */
  readonly mend: readonly string[];
}

const folder = join(import.meta.dirname, 'runbooks');

/** Of every alert. */
export const readRunbooks = (): Runbook[] =>
  readdirSync(folder)
    .filter((name) => name !== 'README.md')
    .map((name) => parseRunbook(name.replace(/\.md$/, ''), readFileSync(join(folder, name), 'utf8')));

const headings = ['What it means', 'How to check', 'How to mend'];
const blocksPattern =
  /^On a cluster:\n\n```\n(.+?)\n```\n\nWith `make up`, after `source \.stack\/env`:\n\n```\n(.+?)\n```\n/s;
const isCommand = (text: string) => /^(kubectl|helm|make|redis-cli|rabbitmqctl) /.test(text);

/** Throws for a runbook of another shape, so that no command of it goes untried. */
export function parseRunbook(alert: string, text: string): Runbook {
  const wrong = (rule: string) => new Error(`the runbook ${alert} must ${rule}`);
  const [title, ...sections] = text.split(/^## /m);
  if (title !== `# ${alert}\n\n`) throw wrong(`begin with the title ${alert} and an empty line`);
  const found = sections.map((section) => section.slice(0, section.indexOf('\n')));
  if (found.join() !== headings.join()) throw wrong(`have the sections ${headings.join(', ')}`);
  const [, check = '', mend = ''] = sections.map((section) => section.slice(section.indexOf('\n') + 1));
  const [, cluster, makeUp] = blocksPattern.exec(check) ?? [];
  if (!cluster || !makeUp || text.match(/^```/gm)?.length !== 4)
    throw wrong('have one block "On a cluster:", then one "With `make up`, …:", and no other');
  return {
    alert,
    cluster: linesOf(cluster),
    makeUp: linesOf(makeUp),
    mend: [...mend.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code).filter(isCommand),
  };

  function linesOf(block: string): string[] {
    const lines = block.split('\n');
    if (lines.some((line) => line.trim() === '' || /\\$/.test(line)))
      throw wrong('have one command in each line of a block');
    // A zsh at a terminal, as macOS has it, takes what follows for words of the command.
    if (lines.some((line) => / #/.test(line))) throw wrong('have its remarks beside the block');
    return lines;
  }
}

/** The one of these commands that is the words, else the one that has them. */
export function commandWith(words: string, commands: readonly string[]): string {
  if (commands.includes(words)) return words;
  const [found, ...others] = commands.filter((command) => command.includes(words));
  if (!found || others.length > 0) throw new Error(`one command must have ${words}`);
  return found;
}

/** What a line greps for: each alternative by itself. */
export function grepsOf(line: string): string[] {
  const patterns = [...line.matchAll(/\bgrep (?:-E )?(?:'([^']+)'|"([^"]+)"|([\w.]+))/g)];
  if (patterns.length !== [...line.matchAll(/\bgrep\b/g)].length)
    throw new Error(`a grep of another form: ${line}`);
  return patterns.flatMap(([, single, double, bare]) => alternativesOf(single ?? double ?? bare ?? ''));
}

/** Cut at each | that is not in parentheses. */
const alternativesOf = (pattern: string): string[] => pattern.match(/(?:\([^)]*\)|[^|(])+/g) ?? [];

/** Whether a line shows metrics, else it greps in a log. */
export const showsMetrics = (line: string): boolean => line.includes('/metrics');
