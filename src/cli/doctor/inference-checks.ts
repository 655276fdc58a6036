import type { InferenceConfig } from '../../config/inference-schema.js';
import { PROVIDERS, type Provider } from '../../config/provider-names.js';
import type { RememberedMeasurement } from '../../inference/choice-memory.js';
import { hasCudaLibraries } from '../../inference/machine.js';
import type { SizedNetwork, Timing } from '../../inference/measurement.js';
import { findCard } from '../../inference/model-library.js';
import { listModels } from '../../inference/model-table.js';
import { ProviderChoice, type NetworkUse } from '../../inference/provider-choice.js';
import { broken, brokenBy, doubtful, fine, type Finding } from './finding.js';

/** What night-cctv shows its network of a picture of 16 to 9. */
const TRIAL_SIZE = { width: 256, height: 144 };
const TRIAL_USE: NetworkUse = { kind: 'live', rate: 10 };
/** Measurements of other networks that are named; there may be many. */
const MOST_SHOWN = 12;

/**
 * What networks can run on, each timed with a model, and what is chosen. The CPU must work; what else does is a gift, unless
 * the configuration asks for it.
 */
export async function checkInference(config: InferenceConfig): Promise<Finding[]> {
  const model = trialModel();
  if (model === null) return [broken('inference', 'there is no model to try', 'restore the folder models/')];
  const network: SizedNetwork = { model, size: TRIAL_SIZE };
  const complaints: string[] = [];
  const choice = await ProviderChoice.open(config, (sentence) => complaints.push(sentence));
  const findings: Finding[] = [checkGpus(choice)];
  try {
    const { sentence } = await choice.measure(network, TRIAL_USE, { inBackground: false });
    const kept = choice.remembered(network);
    findings.push(...PROVIDERS.map((provider) => providerFinding(provider, choice, network, kept)));
    findings.push(choiceFinding(config, choice, network, kept, sentence));
  } catch (thrown) {
    findings.push(brokenBy('inference cpu', thrown));
  }
  const { entries, file } = choice.memory;
  const others = entries.filter((entry) => entry.subject.model !== model).slice(-MOST_SHOWN);
  const remembered = others.map((entry) => fine(`inference of ${nameOf(entry)}`, `remembered: ${shown(entry)}`));
  const [complaint] = complaints;
  if (complaint !== undefined)
    remembered.push(doubtful('inference memory', complaint, 'make it writable, or delete it'));
  else remembered.push(fine('inference memory', `${entries.length} measurements in ${file}`));
  return [...findings, ...remembered];
}

function checkGpus({ machine }: ProviderChoice): Finding {
  if (machine.gpus.length === 0) return fine('gpu', 'none was found; networks run on the CPU');
  return fine('gpu', machine.gpus.join(', '));
}

function providerFinding(
  provider: Provider,
  { machine }: ProviderChoice,
  { model, size }: SizedNetwork,
  kept: RememberedMeasurement | null,
): Finding {
  const check = `inference ${provider}`;
  const timings = kept?.timings.filter((timing) => timing.provider === provider) ?? [];
  const [first] = timings;
  if (first) {
    const run = `${first.milliseconds.toFixed(1)} ms a run of ${model} at ${size.width}x${size.height}`;
    if (provider !== 'cpu') return fine(check, run);
    const more = timings.slice(1).map((timing) => `, ${timing.milliseconds.toFixed(1)} on ${timing.threads}`);
    return fine(check, `${run}, one of ${machine.cores} cores${more.join('')}`);
  }
  const unfit = kept?.unfit.find((each) => each.provider === provider);
  if (unfit) {
    const remedy = 'update the driver of the graphics card; docs/gpu.md says what is needed';
    return doubtful(check, `it does not work: ${unfit.reason}`, remedy);
  }
  const hasNvidia = machine.gpus.some((name) => name.startsWith('NVIDIA'));
  if (provider === 'cuda' && hasNvidia && !hasCudaLibraries()) {
    return doubtful(check, 'there is a card of NVIDIA, and not what CUDA needs', '"npm run gpu:cuda" gets it');
  }
  return fine(check, 'not on this machine');
}

function choiceFinding(
  { provider }: InferenceConfig,
  choice: ProviderChoice,
  network: SizedNetwork,
  kept: RememberedMeasurement | null,
  sentence: string,
): Finding {
  const check = 'inference choice';
  if (provider === 'auto') return fine(check, `auto: ${choice.known(network, TRIAL_USE)?.sentence ?? sentence}`);
  if (kept?.timings.some((timing) => timing.provider === provider))
    return fine(check, `${provider}, as it is configured`);
  const found = `${provider}, as it is configured, which this machine has not: the CPU serves in its place`;
  return doubtful(check, found, 'set inference.provider to auto; docs/gpu.md says what it needs');
}

/** A model that takes pictures of the size that providers are tried with. */
function trialModel(): string | null {
  const names = listModels().filter(({ state }) => state.kind === 'intact').map(({ name }) => name); // prettier-ignore
  const wanted = names.find((name) => name === 'liednet-live') ?? names.find((name) => findCard(name).input.colourSpace === 'rgb'); // prettier-ignore
  return wanted ?? null;
}

function nameOf({ subject }: RememberedMeasurement): string {
  return `${subject.model} at ${subject.width}x${subject.height}`;
}

function shown({ timings, measured }: RememberedMeasurement): string {
  const all = [...timings]
    .sort((a, b) => a.milliseconds - b.milliseconds)
    .map(timeOf)
    .join(', ');
  return `${all} (${measured.slice(0, 10)})`;
}

function timeOf({ provider, threads, milliseconds }: Timing): string {
  const on = provider === 'cpu' ? `cpu on ${threads}` : provider;
  return `${on} ${milliseconds.toFixed(1)} ms`;
}
