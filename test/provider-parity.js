// A process of its own for providers.test.ts: the driver is chosen by the environment before the first use of WebGPU.
// Runs a model on the CPU and on the WebGPU provider at several sizes; prints the largest difference of each as JSON.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [file, channels, ...sizes] = process.argv.slice(2);
const options = { intraOpNumThreads: 1, logSeverityLevel: 3 };
const sessions = [];
for (const provider of ['cpu', 'webgpu']) {
  sessions.push(await InferenceSession.create(file, { ...options, executionProviders: [provider] }));
}
const differences = [];
for (const size of sizes) {
  const [width, height] = size.split('x').map(Number);
  const values = new Float32Array(Number(channels) * width * height);
  // Any fixed values in 0..1; a mask, where there is one, is the last channel.
  for (let i = 0; i < values.length; i++) values[i] = ((i * 7919) % 1009) / 1008;
  if (channels === '4') for (let i = 3 * width * height; i < values.length; i++) values[i] = values[i] < 0.3 ? 1 : 0;
  const outputs = [];
  for (const session of sessions) {
    const feeds = { [session.inputNames[0]]: new Tensor('float32', values, [1, Number(channels), height, width]) };
    const results = await session.run(feeds);
    outputs.push(results[session.outputNames[0]].data);
  }
  let largest = 0;
  for (let i = 0; i < outputs[0].length; i++) largest = Math.max(largest, Math.abs(outputs[0][i] - outputs[1][i]));
  differences.push({ size, values: outputs[0].length, largest });
}
process.stdout.write(`${JSON.stringify(differences)}\n`);
process.exit(0);
