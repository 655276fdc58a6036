import type { Command } from 'commander';
import { redactUrl } from '../config/input-location.js';
import { loadRecipe, requireLive } from '../config/recipe.js';
import { configSchema, type Config } from '../config/schema.js';
import { loadConfig } from '../config/load.js';
import { brokenBy, fine, type Finding } from './doctor/finding.js';
import { checkInference } from './doctor/inference-checks.js';
import {
  checkAccess,
  checkClock,
  checkHls,
  checkMachine,
  checkNode,
  checkPort,
  checkRecordings,
} from './doctor/machine-checks.js';
import { checkCameras, checkEncoders, checkFfmpeg, checkModels } from './doctor/media-checks.js';
import { checkWebRtc } from './doctor/webrtc-checks.js';

/** `afterglow doctor`: tries everything that Afterglow needs, and says what to do where something is amiss. */
export function doctorCommand(command: Command): void {
  command
    .option('-c, --config <file>', 'configuration whose cameras, ports and folders are to be tried')
    .option('--json', 'as JSON', false)
    .addHelpText('after', '\nEnds with 1 if anything fails. No password or token is printed.')
    .action(examine);
}

async function examine(flags: { readonly config?: string; readonly json: boolean }): Promise<void> {
  const findings: Finding[] = [];
  const tell = (...more: readonly Finding[]): void => {
    for (const each of more) {
      const finding = { ...each, found: redactUrl(each.found) };
      findings.push(finding);
      if (!flags.json) console.log(lineOf(finding));
    }
  };
  tell(checkNode());
  const config = configOf(flags.config, tell);
  tell(checkMachine(config), checkClock(config), await checkFfmpeg(), ...(await checkEncoders(config.streams)));
  tell(...checkModels());
  tell(...(await checkInference(config.inference)));
  tell(...checkAccess(config), await checkPort(config.server), ...(await checkWebRtc(config)));
  tell(checkHls(config), checkRecordings(config), ...pipelinesOf(config));
  tell(...(await checkCameras(config.streams)));
  if (flags.json) console.log(JSON.stringify(findings, null, 2));
  if (findings.some(({ status }) => status === 'fail')) process.exitCode = 1;
}

/** The configuration to try; the defaults where there is none or it is at fault, which is then told. */
function configOf(file: string | undefined, tell: (finding: Finding) => void): Config {
  if (file === undefined) return configSchema.parse({});
  try {
    const config = loadConfig(file);
    const token = process.env['AFTERGLOW_TOKEN'];
    tell(fine('configuration', `${file}: ${config.streams.length} streams`));
    return token === undefined || token === '' ? config : { ...config, server: { ...config.server, token } };
  } catch (thrown) {
    tell(brokenBy('configuration', thrown));
    return configSchema.parse({});
  }
}

function pipelinesOf({ streams }: Config): Finding[] {
  return [...new Set(streams.map(({ pipeline }) => pipeline))].map((name) => {
    try {
      requireLive(loadRecipe(name), name);
      return fine(`pipeline ${name}`, 'fit for live video');
    } catch (thrown) {
      return brokenBy(`pipeline ${name}`, thrown);
    }
  });
}

function lineOf({ check, status, found, remedy }: Finding): string {
  return `${status.padEnd(4)}  ${check}: ${found}${remedy === '' ? '' : `; ${remedy}`}`;
}
