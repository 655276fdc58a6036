import { describe, expect, it } from 'vitest';
import { AfterglowError } from '../errors/afterglow-error.js';
import type { StreamCommand } from '../stream/stream-messages.js';
import { ONE_THREAD } from '../inference/placement.js';
import { StreamAnswers } from './stream-answers.js';

const recipe = { name: 'other', recipe: { description: 'x', stages: [] }, placements: ONE_THREAD };
const failure = new AfterglowError('model-missing', 'there is no model "x"', { remedy: 'add it' }).toReport();

describe('StreamAnswers', () => {
  it('gives each picture to whom asked for it', async () => {
    const answers = new StreamAnswers('gate');
    const asked: StreamCommand[] = [];
    const send = (command: StreamCommand): boolean => asked.push(command) > 0;
    const [first, second] = [answers.snapshot('enhanced', send), answers.snapshot('original', send)];
    expect(asked).toMatchObject([{ view: 'enhanced' }, { view: 'original' }]);
    const [one, two] = asked.map((command) => (command.kind === 'snapshot' ? command.request : 0)) as [number, number];
    answers.take({ kind: 'snapshot-failed', request: one, error: failure });
    answers.take({ kind: 'snapshot', request: two, jpeg: Buffer.from('b'), taken: 7 });
    await expect(first).rejects.toMatchObject({ code: 'model-missing' });
    await expect(second).resolves.toMatchObject({ taken: 7 });
  });

  it('takes four questions at a time, and drops them when the process ends', async () => {
    const answers = new StreamAnswers('gate');
    const four = Array.from({ length: 4 }, () => answers.snapshot('enhanced', () => true));
    const outcomes = Promise.allSettled(four);
    await expect(answers.snapshot('enhanced', () => true)).rejects.toMatchObject({ retryable: true });
    answers.processGone(null);
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { retryable: true } }); // prettier-ignore
    await expect(answers.snapshot('enhanced', () => false)).rejects.toThrow(/no process/);
  });

  it('tells whether another pipeline is at work', async () => {
    const answers = new StreamAnswers('gate');
    const done = answers.recipe(recipe, () => true);
    answers.take({ kind: 'recipe', name: 'not-this', error: failure });
    answers.take({ kind: 'recipe', name: 'other', error: null });
    await expect(done).resolves.toBeUndefined();
    const refused = answers.recipe(recipe, () => true);
    answers.take({ kind: 'recipe', name: 'other', error: failure });
    await expect(refused).rejects.toThrow(/no model/);
    // Without a process, the next one begins with it.
    await expect(answers.recipe(recipe, () => false)).resolves.toBeUndefined();
  });
});
