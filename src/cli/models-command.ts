import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { AfterglowError } from '../errors/afterglow-error.js';
import { adoptModel } from '../inference/model-adoption.js';
import { userModelFolder } from '../inference/model-library.js';
import { listModels, type ModelEntry } from '../inference/model-table.js';
import { printColumns } from './columns.js';

/** `afterglow models`: what networks there are; `afterglow models add`: one's own. */
export function modelsCommand(command: Command): void {
  command
    .option('--json', 'as JSON, with all that is known', false)
    .addHelpText(
      'after',
      `
Your own models are kept in ${userModelFolder()}
(the environment variable AFTERGLOW_MODELS names another folder). docs/models.md describes a card's fields.

Examples:
  afterglow models                                      what there is
  afterglow models add my.onnx --card my.json           check a network and take it in
  afterglow process night.jpg -o out.jpg -p my.yaml     a recipe that names it in "model:"`,
    )
    .action((flags: { readonly json: boolean }) => list(flags.json));
  command
    .command('add')
    .description('Check a network against its card by running it, and take both in.')
    .argument('<file>', 'the network, an .onnx file')
    .requiredOption('--card <file>', 'its card, a JSON file; its sha256 and file are filled in')
    .option('--overwrite', 'replace your model of that name', false)
    .action(add);
}

function list(json: boolean): void {
  const entries = listModels();
  if (json) {
    console.log(JSON.stringify(entries, null, 2));
    return;
  }
  const head = ['name', 'task', 'parameters', 'MB', 'sizes', 'quality', 'time', 'file'];
  const rows = entries.map((entry) => [
    entry.name,
    entry.task ?? '',
    entry.parameters === undefined ? '' : inMillions(entry.parameters),
    entry.bytes === undefined ? '' : (entry.bytes / 1e6).toFixed(1),
    entry.workingSizes?.join(' ') ?? '',
    Object.entries(entry.quality ?? {})
      .slice(0, 3)
      .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
      .join(', '),
    entry.timing ?? '',
    entry.state.kind,
  ]);
  printColumns(head, rows);
  console.log('');
  for (const entry of entries) console.log(remark(entry));
}

function remark({ name, licence, state }: ModelEntry): string {
  return state.kind === 'intact' ? `${name}: ${licence ?? ''}` : `${name}: ${state.message}`;
}

function inMillions(parameters: number): string {
  return parameters < 1e5 ? String(parameters) : `${(parameters / 1e6).toFixed(2)} million`;
}

async function add(file: string, flags: { readonly card: string; readonly overwrite: boolean }): Promise<void> {
  if (!existsSync(file)) {
    throw new AfterglowError('model-missing', `${file} does not exist`, { remedy: 'check the path' });
  }
  const { card, home, milliseconds } = await adoptModel(file, flags.card, flags.overwrite);
  console.log(`"${card.name}" runs (${milliseconds.toFixed(1)} ms at the size it was tried at) and is now in ${home}`);
  console.log(`Use it in a recipe: model: ${card.name}`);
}
